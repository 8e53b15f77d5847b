import type { z } from 'zod';
import { type Conflict, findConflicts } from './check.ts';
import { type Diagnostic, where } from './mistakes/diagnostics.ts';
import { explainIssues } from './mistakes/explain.ts';
import { takeOut } from './mistakes/salvage.ts';
import { type Located, nodeAt, originAt, type Path, replaceAt, toPlain } from './reading/located.ts';
import { UNKNOWN } from './reading/yaml.ts';
import { type Ecosystem, ecosystem } from './schema/schema.ts';
import { writtenSecrets } from './secrets.ts';

export interface Validated {
  /** null when there are diagnostics. */
  readonly config: Ecosystem | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Holds a whole configuration against the schema and the rules between keys; tells every mistake at its place. */
export function validate(written: Located): Validated {
  const { config, diagnostics } = check(written);
  if (diagnostics.length === 0) return { config, diagnostics };
  const secrets = writtenSecrets(written);
  return { config, diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic, secrets })) };
}

function check(written: Located): Validated {
  const { root, result } = parseTyped(written);
  if (result.success && !mentionsUnknown(root)) {
    const conflicts = findConflicts(result.data, (path) => nodeAt(root, path) !== undefined);
    return conflicts.length === 0
      ? { config: result.data, diagnostics: [] }
      : { config: null, diagnostics: conflicts.map((conflict) => toDiagnostic(root, conflict)) };
  }
  const issues = result.error?.issues ?? [];
  const told = issues.filter(({ path }) => !isUnknown(root, path as Path));
  return { config: null, diagnostics: [...explainIssues(root, told), ...conflictsDespite(root, issues)] };
}

/**
 * A variable's value is text first. Where the schema does not take the text but would take what YAML makes of it (5555, true, null),
 * that is what it becomes: `port: ${PORT}` is a number, `token: ${TOKEN}` stays text even when it is all digits.
 */
function parseTyped(written: Located): { root: Located; result: z.ZodSafeParseResult<Ecosystem> } {
  let root = written;
  let result = ecosystem.safeParse(toPlain(root));
  for (const { path } of result.error?.issues ?? []) {
    root =
      replaceAt(root, path as Path, (node) =>
        node.kind === 'scalar' && node.interpolated ? { ...node, value: node.interpolated.typed } : node,
      ) ?? root;
  }
  if (root !== written) result = ecosystem.safeParse(toPlain(root));
  return { root, result };
}

/** The rules between keys, held against what is left when everything that is wrong by itself is taken out. */
function conflictsDespite(root: Located, issues: readonly z.core.$ZodIssue[]): Diagnostic[] {
  const wrong: Path[] = [...issues.flatMap(pathsOf), ...unknownPaths(root, [])];
  const result = ecosystem.safeParse(takeOut(toPlain(root), wrong));
  // With a wrong key at the top (apps: for backends:) what is not there may well be under it.
  if (!result.success || wrong.some((path) => path.length <= 1)) return [];
  return findConflicts(result.data, (path) => nodeAt(root, path) !== undefined)
    .filter(
      (conflict) =>
        ![conflict.path, ...conflict.with].some((path) => wrong.some((bad) => startsWith(path, bad) || startsWith(bad, path))),
    )
    .map((conflict) => toDiagnostic(root, conflict));
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path as Path;
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function toDiagnostic(root: Located, { path, message, hint, first }: Conflict): Diagnostic {
  const also = first ? `The first is at ${where(originAt(root, first))}.` : null;
  const both = [also, hint].filter((sentence) => sentence !== null).join(' ');
  return { code: 'conflict', place: originAt(root, path), message, expected: null, found: null, hint: both || null };
}

function isUnknown(root: Located, path: Path): boolean {
  const node = nodeAt(root, path);
  return node?.kind === 'scalar' && node.value === UNKNOWN;
}

function unknownPaths(node: Located, path: Path): Path[] {
  if (node.kind === 'scalar') return node.value === UNKNOWN ? [path] : [];
  if (node.kind === 'list') return node.items.flatMap((item, index) => unknownPaths(item, [...path, index]));
  return [...node.entries].flatMap(([key, entry]) => unknownPaths(entry.node, [...path, key]));
}

function mentionsUnknown(root: Located): boolean {
  return unknownPaths(root, []).length > 0;
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((step, index) => path[index] === step);
}
