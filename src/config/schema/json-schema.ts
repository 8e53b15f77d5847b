import { z } from 'zod';
import { ecosystem } from './schema.ts';

/** The part of JSON Schema that the configuration's schema is made of. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  /** A secret: never shown. */
  readonly writeOnly?: boolean;
}

/** The schema as JSON Schema, of what one writes (not of what comes out), before variables are put in. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(ecosystem, {
    io: 'input',
    target: 'draft-07',
    override: ({ jsonSchema }) => tidy(jsonSchema as Writable),
  }) as JsonSchema;
}

/**
 * backend.schema.json: what editors check backend.yaml against. A value may also be a variable, and a backend that is overlaid
 * need not say again what it runs.
 */
export function editorSchema(): object {
  const { $schema, properties, ...rest } = configJsonSchema() as JsonSchema & { $schema: string };
  return {
    $schema,
    title: "pm2-lifeguard's backend.yaml",
    definitions: {
      variable: {
        description: 'A variable of the environment.',
        type: 'string',
        pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}',
      },
    },
    ...rest,
    properties: mapValues(properties ?? {}, forEditors),
  };
}

function forEditors(schema: JsonSchema): JsonSchema {
  const { properties, patternProperties, items, anyOf, oneOf, additionalProperties, required } = schema;
  const inner: JsonSchema = {
    ...schema,
    ...(properties && { properties: mapValues(properties, forEditors) }),
    ...(patternProperties && { patternProperties: mapValues(patternProperties, forEditors) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: forEditors(additionalProperties) }),
    ...(items && { items: forEditors(items) }),
    ...(anyOf && { anyOf: anyOf.map(forEditors) }),
    ...(oneOf && { oneOf: oneOf.map(forEditors) }),
    ...(required && properties?.run && { required: required.filter((key) => key !== 'run') }),
  };
  return isRestrictedScalar(schema) ? orVariable(inner) : inner;
}

/** A scalar that is not any text at all. */
function isRestrictedScalar({ type, enum: values, const: constant, pattern }: JsonSchema): boolean {
  if (constant !== undefined || type === 'object' || type === 'array' || type === 'null') return false;
  return (
    values !== undefined ||
    (pattern !== undefined && pattern !== '\\S') ||
    (type !== undefined && type !== 'string' && !type.includes('boolean'))
  );
}

function orVariable({ description, default: fallback, ...schema }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [schema, { $ref: '#/definitions/variable' }],
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

type Writable = { -readonly [Key in keyof JsonSchema]: JsonSchema[Key] };

/** Alternatives within alternatives are one list; `run` takes any `env_NAME` beside its keys, and nothing else; the largest whole number that JavaScript knows is no limit to tell. */
function tidy(schema: Writable): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.anyOf) schema.anyOf = schema.anyOf.flatMap((option) => (isChoiceAlone(option) ? (option.anyOf ?? []) : [option]));
  const environment = schema.properties?.env;
  if (!environment || !schema.properties?.env_file) return;
  schema.patternProperties = { '^env_(?!file$)\\w+$': { ...environment, description: 'Laid over `env` by `--env NAME`.' } };
  schema.additionalProperties = false;
}

/** An alternative that is itself nothing but alternatives. */
function isChoiceAlone(option: JsonSchema): boolean {
  return option.anyOf !== undefined && Object.keys(option).length === 1;
}

/** The schema of what stands at a path; of several alternatives the one whose `type`, or whose required keys, the value there has. */
export function schemaAt(
  root: JsonSchema,
  path: readonly (string | number)[],
  valueAt: (path: readonly (string | number)[]) => unknown,
): JsonSchema | undefined {
  let schema: JsonSchema | undefined = alternative(root, valueAt([]));
  path.forEach((step, index) => {
    schema = below(schema, step);
    schema = schema && alternative(schema, valueAt(path.slice(0, index + 1)));
  });
  return schema;
}

function below(schema: JsonSchema | undefined, step: string | number): JsonSchema | undefined {
  if (typeof step === 'number') return schema?.items;
  const property = schema?.properties && Object.hasOwn(schema.properties, step) ? schema.properties[step] : undefined;
  if (property) return property;
  const pattern = Object.entries(schema?.patternProperties ?? {}).find(([source]) => new RegExp(source).test(step));
  return pattern?.[1] ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined);
}

function alternative(schema: JsonSchema, value: unknown): JsonSchema {
  const options = schema.anyOf ?? schema.oneOf;
  if (!options) return schema;
  const keys = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const chosen =
    options.find(({ properties }) => properties?.type?.const !== undefined && properties.type.const === keys.type) ??
    options.find(
      ({ required, properties }) => properties && !properties.type && required?.every((key) => Object.hasOwn(keys, key)),
    ) ??
    options.find((option) => option.properties ?? option.items);
  return chosen ? { ...schema, ...chosen } : { ...options[0], ...schema };
}
