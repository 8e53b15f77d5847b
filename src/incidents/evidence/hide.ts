import type { WatchedBackend } from '../../config/resolved.ts';
import { namesSecret } from '../../host/command-line.ts';
import type { Host } from '../../host/host.ts';
import { mask } from '../../units/mask.ts';

/** What is shorter is no secret, or cannot be told from an ordinary word. */
const SHORTEST = 6;
/** Headers that hold a secret by their purpose. */
const SECRET_HEADER = /^(set-cookie|cookie|authorization|proxy-authorization|.*(token|secret|api-?key|session).*)$/i;

/** Text without the secrets that are known, and without what looks like one. */
export type Hide = (text: string) => string;

/** The values that must not be shown are given longest first, so that none leaves a part of a longer one. */
export function hider(secrets: ReadonlySet<string>): Hide {
  const known = [...secrets].filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => mask(known.reduce((left, secret) => left.replaceAll(secret, '***'), text));
}

export function hidesHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** The secrets that a backend's configuration holds: passwords of its dependencies, headers of its checks. */
export function configuredSecrets({ dependencies, targets }: Pick<WatchedBackend, 'dependencies' | 'targets'>): string[] {
  const headers = [targets.liveness, targets.readiness].flatMap((target) =>
    target?.kind === 'http' ? Object.entries(target.headers).flatMap(([name, value]) => (hidesHeader(name) ? [value] : [])) : [],
  );
  return [...dependencies.flatMap(({ check }) => passwordsIn(check)), ...headers];
}

/** Those in the environments of processes: variables that are called so, and passwords of URLs. */
export async function environmentSecrets(host: Pick<Host, 'environmentOf'>, pids: readonly number[]): Promise<string[]> {
  const found = await Promise.all(pids.map((pid) => host.environmentOf(pid)));
  return found.flatMap((variables) =>
    [...(variables ?? [])].flatMap(([name, value]) => (namesSecret(name) ? [value] : passwordsIn(value))),
  );
}

function passwordsIn(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s]*@/i.test(text) || !URL.canParse(text)) return [];
  const { password } = new URL(text);
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
