import { type Alias, type Document, isAlias, isMap, isScalar, type Node, parseAllDocuments, type YAMLMap } from 'yaml';
import type { Diagnostic, DiagnosticCode } from '../mistakes/diagnostics.ts';
import { interpolate, readPlainScalar } from './interpolate.ts';
import type { Entry, Located, Origin, Source } from './located.ts';
import { DUPLICATE_KEY, explainSyntax } from './yaml-errors.ts';

export interface YamlResult {
  /** null: it cannot be read, or there is nothing but comments in it. */
  readonly root: Located | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** More nodes than any honest configuration has; a handful of anchors can make millions of them. */
const MOST_NODES = 10_000;

/** Parses YAML 1.2 to a located tree and puts the variables in. After a mistake in the syntax only that is told. */
export function parseYaml(source: Source, env: Readonly<Record<string, string | undefined>>): YamlResult {
  const documents = [
    ...parseAllDocuments(source.text, { prettyErrors: false, version: '1.2', stringKeys: true, logLevel: 'silent' }),
  ] as Document.Parsed[];
  const syntax = documents.flatMap((document) => explainSyntax(source, [...document.errors, ...document.warnings]));
  const second = documents[1];
  if (second)
    syntax.push(
      problem(
        source,
        second.range[0],
        second.range[0] + 1,
        'syntax',
        'a second YAML document',
        'One file is one configuration: remove the --- and what follows.',
      ),
    );
  if (syntax.some(({ message }) => message !== DUPLICATE_KEY)) return { root: null, diagnostics: syntax };
  const first = documents[0];
  if (!first?.contents) return { root: null, diagnostics: syntax };
  const builder = new TreeBuilder(source, first, env);
  const root = builder.build(first.contents);
  return { root: builder.tooLarge ? null : root, diagnostics: [...syntax, ...builder.diagnostics] };
}

/** Walks the YAML nodes of one document. An alias stands for what its anchor names. */
class TreeBuilder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: Source;
  readonly #document: Document.Parsed;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #inside = new Set<Node>();
  #nodes = 0;

  constructor(source: Source, document: Document.Parsed, env: Readonly<Record<string, string | undefined>>) {
    this.#source = source;
    this.#document = document;
    this.#env = env;
  }

  get tooLarge(): boolean {
    return this.#nodes > MOST_NODES;
  }

  build(node: Node | null): Located {
    const origin = this.#origin(node);
    this.#nodes += 1;
    if (node === null) return nothing(origin);
    if (this.#nodes > MOST_NODES) {
      if (this.#nodes === MOST_NODES + 1)
        this.#report(origin, 'syntax', `more than ${MOST_NODES} values`, 'Do anchors multiply here? Write the parts out.');
      return nothing(origin);
    }
    if (isAlias(node)) return this.#alias(node, origin);
    if (isScalar(node)) return this.#scalar(node.value, origin);
    if (isMap(node)) return { kind: 'map', origin, entries: this.#entries(node) };
    return {
      kind: 'list',
      origin,
      items: (node as { items: readonly unknown[] }).items.map((item) => this.build(item as Node | null)),
    };
  }

  #entries(map: YAMLMap): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key, value } of map.items) {
      const keyNode = key as Node;
      const name = isScalar(keyNode) ? String(keyNode.value) : String(keyNode);
      const keyOrigin = this.#origin(keyNode);
      const node = value === null ? nothing(keyOrigin) : this.build(value as Node);
      if (name === '<<') for (const entry of mergedBy(node)) merged.set(...entry);
      else if (!entries.has(name)) entries.set(name, { keyOrigin, node });
    }
    return new Map([...merged, ...entries]);
  }

  #alias(alias: Alias, origin: Origin): Located {
    const target = alias.resolve(this.#document);
    if (this.tooLarge) return nothing(origin);
    if (!target || this.#inside.has(target)) {
      const message = target ? `*${alias.source} stands inside itself` : `no anchor &${alias.source} above`;
      this.#report(origin, 'syntax', message, target ? 'Write the part out.' : 'If the * is part of the text, put it in quotes.');
      return unknown(origin);
    }
    this.#inside.add(target);
    const built = this.build(target);
    this.#inside.delete(target);
    return built;
  }

  #scalar(value: unknown, origin: Origin): Located {
    if (typeof value !== 'string' || !value.includes('${')) return { kind: 'scalar', origin, value, interpolated: null };
    const result = interpolate(value, this.#env);
    if (!result.ok) {
      for (const { kind, written, name } of result.problems) this.#badVariable(origin, kind, written, name);
      return unknown(origin);
    }
    if (result.variables.length === 0) return { kind: 'scalar', origin, value: result.text, interpolated: null };
    return {
      kind: 'scalar',
      origin,
      value: result.text,
      interpolated: { typed: readPlainScalar(result.text), variables: result.variables },
    };
  }

  #badVariable(origin: Origin, kind: 'unset' | 'malformed', written: string, name: string | null): void {
    const { start, end } = origin as Extract<Origin, { kind: 'yaml' }>;
    const offset = this.#source.text.slice(start, end).indexOf(written);
    const place = offset < 0 ? origin : { ...origin, start: start + offset, end: start + offset + written.length };
    if (kind === 'unset') {
      this.#report(
        place,
        'unset-variable',
        `the environment variable ${name} is not set`,
        `Set it, or give a default: \${${name}:-default}.`,
      );
    } else
      this.#report(
        place,
        'syntax',
        'this is no variable',
        'Write ${NAME} or ${NAME:-default}; for the two characters ${ themselves write $${.',
      );
  }

  #report(origin: Origin, code: DiagnosticCode, message: string, hint: string): void {
    // An anchor's content is walked again for each alias: its mistakes are told once.
    if (
      this.diagnostics.some(
        (other) => other.place.kind === 'yaml' && origin.kind === 'yaml' && other.place.start === origin.start,
      )
    )
      return;
    this.diagnostics.push({ code, place: origin, message, expected: null, found: null, hint });
  }

  #origin(node: Node | null): Origin {
    const [start, end] = node?.range ?? [0, 0];
    return { kind: 'yaml', source: this.#source, start, end };
  }
}

/** Stands for a value that is not known because its variable or anchor is not there: told once, so never again as a wrong value. */
export const UNKNOWN: unique symbol = Symbol('unknown');

function unknown(origin: Origin): Located {
  return { kind: 'scalar', origin, value: UNKNOWN, interpolated: null };
}

/** `<<: *anchor`: the keys of a mapping, or of several, are taken over where the mapping itself does not give them. */
function mergedBy(node: Located): (readonly [string, Entry])[] {
  if (node.kind === 'list') return [...node.items].reverse().flatMap(mergedBy);
  return node.kind === 'map' ? [...node.entries] : [];
}

function nothing(origin: Origin): Located {
  return { kind: 'scalar', origin, value: null, interpolated: null };
}

function problem(source: Source, start: number, end: number, code: DiagnosticCode, message: string, hint: string): Diagnostic {
  return { code, place: { kind: 'yaml', source, start, end }, message, expected: null, found: null, hint };
}
