import type { z } from 'zod';
import { type Located, nodeAt, originAt, type Path } from '../reading/located.ts';
import { configJsonSchema, type JsonSchema } from '../schema/json-schema.ts';
import { PM2_KEYS, placeOfKey } from '../schema/known-keys.ts';
import { isSecret, subschema } from '../secrets.ts';
import type { Diagnostic } from './diagnostics.ts';
import { formatPath, maskCredentials } from './diagnostics.ts';
import { nearest } from './nearest.ts';

/** Turns the schema's issues into mistakes at the places where they were written. */
export function explainIssues(root: Located, issues: readonly z.core.$ZodIssue[]): Diagnostic[] {
  if (issues.length === 0) return [];
  const schema = configJsonSchema();
  return issues.flatMap((issue) => explain(issue, root, schema));
}

function explain(issue: z.core.$ZodIssue, root: Located, schema: JsonSchema): Diagnostic[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const here = subschema(schema, root, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(root, schema, here, path, key));
  if (issue.code === 'invalid_key') return [wrongName(root, path, issue.issues[0]?.message ?? null)];
  const node = nodeAt(root, path);
  const expected = expectedOf(issue, here);
  if (!node) return [missingKey(root, path, expected)];
  return [
    {
      code: 'wrong-value',
      place: originAt(root, path),
      message: `wrong value for ${nameOf(root, path)}`,
      expected,
      found: describe(node, isSecret(root, schema, path)),
      hint: hintOf(issue, node, here),
    },
  ];
}

function unknownKey(root: Located, schema: JsonSchema, here: JsonSchema | undefined, path: Path, key: string): Diagnostic {
  const known = Object.keys(here?.properties ?? {});
  const near = nearest(key, known);
  const elsewhere = near ? null : placeOfKey(schema, key);
  return {
    code: 'unknown-key',
    place: originAt(root, [...path, key], { key: true }),
    message: `unknown key ${key}${path.length > 0 ? ` in ${nameOf(root, path)}` : ''}`,
    expected: `one of ${known.join(', ')}`,
    found: null,
    hint: near
      ? `Did you mean ${near}?`
      : key === '<<'
        ? 'Merge keys are YAML 1.1: write the keys out.'
        : (PM2_KEYS[key] ?? elsewhere),
  };
}

function missingKey(root: Located, path: Path, expected: string | null): Diagnostic {
  const parent = path.slice(0, -1);
  return {
    code: 'missing-key',
    place: originAt(root, parent),
    message: `${nameOf(root, parent)} has no ${String(path.at(-1))}`,
    expected,
    found: null,
    hint: `Add ${String(path.at(-1))}: …`,
  };
}

function wrongName(root: Located, path: Path, expected: string | null): Diagnostic {
  const place = originAt(root, path, { key: true });
  return {
    code: 'wrong-value',
    place,
    message: `wrong name in ${nameOf(root, path.slice(0, -1))}`,
    expected,
    found: `the name "${String(path.at(-1))}"`,
    hint: null,
  };
}

/** Zod's own messages are for programmers; those of the schema are phrases. The rest is told from the JSON schema. */
function expectedOf(issue: z.core.$ZodIssue, schema: JsonSchema | undefined): string | null {
  const own = /^(Invalid|Too|Unrecognized)/.test(issue.message) ? null : issue.message;
  const phrase = own ?? (schema ? phraseOf(schema) : null);
  const orNull = schema?.anyOf?.some((option) => option.type === 'null') ? ', or null' : '';
  return phrase && phrase + orNull;
}

function phraseOf(schema: JsonSchema): string | null {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values) return `${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`;
  if (schema.items)
    return `a list${schema.minItems ? ` of at least ${schema.minItems}` : ''}${schema.items.properties ? ', each entry of it beginning with "- "' : ''}`;
  if (schema.properties) return `keys of its own: ${Object.keys(schema.properties).join(', ')}`;
  if (schema.type === 'object') return 'keys of its own, as name: value';
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'integer' || schema.type === 'number')
    return `a ${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
  return schema.type === 'string' ? 'a text' : null;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

/** What stands there, for people; never the value of a variable or a secret. */
export function describe(node: Located, secret: boolean): string {
  if (node.kind === 'map')
    return node.entries.size === 0 ? 'nothing between { and }' : `keys: ${[...node.entries.keys()].slice(0, 5).join(', ')}`;
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : `a list of ${node.items.length}`;
  if (node.interpolated)
    return `the value of ${node.interpolated.variables.map((name) => `\${${name}}`).join(' and ')}, which is not shown`;
  const { value } = node;
  if (value === null) return 'nothing (null)';
  if (value === '') return 'an empty text';
  if (secret) return `a ${typeof value === 'string' ? 'text' : typeof value} that is not shown`;
  if (typeof value === 'string') return `the text ${JSON.stringify(shortened(maskCredentials(value)))}`;
  return typeof value === 'number' ? `the number ${value}` : typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function hintOf(issue: z.core.$ZodIssue, node: Located, schema: JsonSchema | undefined): string | null {
  if (issue.code === 'custom' && typeof issue.params?.hint === 'string')
    return node.kind === 'scalar' && node.interpolated ? null : issue.params.hint;
  if (node.kind !== 'scalar' || node.interpolated || !schema) return null;
  const { value } = node;
  const written = typeof value === 'string' ? value.trim() : null;
  if (written !== null && schema.type === 'boolean' && /^(yes|no|on|off|y|n)$/i.test(written))
    return `YAML 1.2 has true and false only: write ${/^(y|yes|on)$/i.test(written)}.`;
  if (written && /^-?\d+(\.\d+)?$/.test(written) && numeric(schema)) return `Write ${written} without quotes.`;
  if (schema.items && value !== null) return `Write it as a list: [${String(value)}].`;
  const options = (schema.enum ?? []).filter((option) => typeof option === 'string');
  const near = written ? nearest(written, options) : null;
  return near ? `Did you mean ${near}?` : null;
}

function numeric(schema: JsonSchema): boolean {
  const isNumber = (type: unknown) => type === 'integer' || type === 'number';
  return isNumber(schema.type) || (schema.anyOf ?? []).some(({ type }) => isNumber(type));
}

/** `restart.max_restarts of backend api`. The name is shown only where it was written out. */
export function nameOf(root: Located, path: Path): string {
  if (path.length === 0) return 'the configuration';
  if (path[0] !== 'backends' || typeof path[1] !== 'number') return formatPath(path);
  const name = nodeAt(root, ['backends', path[1], 'name']);
  const backend =
    name?.kind === 'scalar' && typeof name.value === 'string' && !name.interpolated
      ? `backend ${quoted(name.value)}`
      : 'this backend';
  return path.length === 2 ? backend : `${formatPath(path.slice(2))} of ${backend}`;
}

function quoted(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : JSON.stringify(name.slice(0, 40));
}
