import { dirname } from 'node:path';

/** A key path from the root of the configuration: `['backends', 0, 'name']`. */
export type Path = readonly (string | number)[];

/** A file's text, and what it is called in messages. */
export interface Source {
  /** Absolute. */
  readonly file: string;
  /** As people are shown it: relative to where they stand. */
  readonly shown: string;
  readonly text: string;
}

/** Where a value was written. Offsets are into the source's text. */
export type Origin =
  | { readonly kind: 'yaml'; readonly source: Source; readonly start: number; readonly end: number }
  | { readonly kind: 'typescript'; readonly source: Omit<Source, 'text'>; readonly path: Path };

/** A configuration as it was written: values that know where they come from, so that a mistake is shown there even after the overlay. */
export type Located =
  | { readonly kind: 'map'; readonly origin: Origin; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: 'list'; readonly origin: Origin; readonly items: readonly Located[] }
  | Scalar;

export interface Entry {
  readonly keyOrigin: Origin;
  readonly node: Located;
}

export interface Scalar {
  readonly kind: 'scalar';
  readonly origin: Origin;
  readonly value: unknown;
  /** When `${…}` stands in it: the value is a secret then, and `typed` is what YAML would make of the text (5555, true, null). */
  readonly interpolated: { readonly typed: unknown; readonly variables: readonly string[] } | null;
}

/** The tree of a value written in TypeScript. An `undefined` property counts as absent. */
export function fromTypescript(value: unknown, source: Omit<Source, 'text'>, path: Path = []): Located {
  const origin: Origin = { kind: 'typescript', source, path };
  if (Array.isArray(value)) {
    return { kind: 'list', origin, items: value.map((item, index) => fromTypescript(item, source, [...path, index])) };
  }
  if (!isPlainObject(value)) return { kind: 'scalar', origin, value, interpolated: null };
  const entries = Object.entries(value)
    .filter(([, property]) => property !== undefined)
    .map(([key, property]) => {
      const node = fromTypescript(property, source, [...path, key]);
      return [key, { keyOrigin: node.origin, node }] as const;
    });
  return { kind: 'map', origin, entries: new Map(entries) };
}

/** The bare value. A key such as `__proto__` stays a key. */
export function toPlain(node: Located): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const plain: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) {
    Object.defineProperty(plain, key, { value: toPlain(entry.node), enumerable: true, configurable: true, writable: true });
  }
  return plain;
}

/** What stands at a path, or undefined when nothing does. */
export function nodeAt(root: Located, path: Path): Located | undefined {
  let node: Located | undefined = root;
  for (const step of path) node = node && child(node, step);
  return node;
}

/** Where to point for a path: at the value itself, at the key (`key: true`), or at the nearest thing around it that was written. */
export function originAt(root: Located, path: Path, { key = false }: { key?: boolean } = {}): Origin {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent?.kind === 'map' && typeof last === 'string' ? parent.entries.get(last) : undefined;
  if (entry && key) return entry.keyOrigin;
  const node = nodeAt(root, path);
  if (node) return node.kind === 'scalar' || !entry ? node.origin : entry.keyOrigin;
  return path.length === 0 ? root.origin : originAt(root, path.slice(0, -1), { key: true });
}

/** The folder that relative paths of a value start at. For a default, that of the thing around it. */
export function folderAt(root: Located, path: Path): string {
  return dirname(originAt(root, path).source.file);
}

/** The tree with one node replaced, or taken out (`undefined`). A path that leads nowhere changes nothing. */
export function replaceAt(root: Located, path: Path, change: (node: Located) => Located | undefined): Located | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return change(root);
  const below = child(root, step);
  if (!below) return root;
  const fresh = replaceAt(below, rest, change);
  if (root.kind === 'list') {
    return { ...root, items: root.items.flatMap((item, index) => (index !== step ? [item] : fresh ? [fresh] : [])) };
  }
  if (root.kind !== 'map') return root;
  const entries = new Map(root.entries);
  const entry = entries.get(String(step));
  if (entry && fresh) entries.set(String(step), { ...entry, node: fresh });
  else entries.delete(String(step));
  return { ...root, entries };
}

function child(node: Located, step: string | number): Located | undefined {
  if (node.kind === 'list' && typeof step === 'number') return node.items[step];
  return node.kind === 'map' ? node.entries.get(String(step))?.node : undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
