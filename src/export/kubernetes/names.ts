import { dnsLabel } from '../dns-label.ts';

/** What a backend's objects are called. */
export function objectName(name: string): string {
  return dnsLabel(name);
}

/** Names that come to the same object: they cannot be exported side by side. Each entry lists such names. */
export function clashes(names: readonly string[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const name of names) groups.set(objectName(name), [...(groups.get(objectName(name)) ?? []), name]);
  return [...groups.values()].filter((group) => group.length > 1);
}

/** The Secret that holds a backend's variables. */
export function secretName(name: string): string {
  return `${objectName(name)}-env`;
}

/** What selects a backend's pods, and nothing else. */
export function selectorOf(name: string): { readonly [label: string]: string } {
  return { 'app.kubernetes.io/name': objectName(name) };
}
