import type { TLSSocket } from 'node:tls';

const WARN_BEFORE_MS = 14 * 86_400_000;

/** A clause for people when the certificate of the other side has ended, or ends within 14 days; null: it holds for longer, or there is none. */
export function certificateWarning(socket: TLSSocket): string | null {
  const { valid_to: validTo } = socket.getPeerCertificate();
  const end = Date.parse(validTo ?? '');
  const leftMs = end - Date.now();
  if (Number.isNaN(end) || leftMs > WARN_BEFORE_MS) return null;
  return `its certificate ${leftMs < 0 ? 'ended' : 'ends'} on ${new Date(end).toISOString().slice(0, 10)}`;
}
