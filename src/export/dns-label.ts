import { createHash } from 'node:crypto';

/** Of a DNS label, and so of most names in Kubernetes. */
const LONGEST = 63;

/**
 * A name as a DNS label (RFC 1035): lower case, letters, digits and dashes, a letter first, 63 characters at most. One that had to
 * be cut gets a digest, so that two stay two.
 */
export function dnsLabel(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const label = /^[a-z]/.test(plain) ? plain : `b-${plain}`;
  if (label.length <= LONGEST) return label;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 6);
  return `${label.slice(0, LONGEST - digest.length - 1).replace(/-+$/, '')}-${digest}`;
}
