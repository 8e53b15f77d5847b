import { z } from 'zod';
import { ecosystem } from './schema.ts';

/** The part of JSON Schema that the configuration's schema is made of. */
export interface JsonSchema {
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
  readonly minimum?: number;
  readonly maximum?: number;
  /** A secret: never shown. */
  readonly writeOnly?: boolean;
}

/** The schema as JSON Schema, of what one writes (not of what comes out), before variables are put in. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(ecosystem, { io: 'input', override: ({ jsonSchema }) => tidy(jsonSchema as Writable) }) as JsonSchema;
}

type Writable = { -readonly [Key in keyof JsonSchema]: JsonSchema[Key] };

/** `run` takes any `env_NAME` beside its keys, and nothing else; the largest whole number that JavaScript knows is no limit to tell. */
function tidy(schema: Writable): void {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  const environment = schema.properties?.env;
  if (!environment || !schema.properties?.env_file) return;
  schema.patternProperties = { '^env_(?!file$)\\w+$': { ...environment, description: 'Laid over `env` by `--env NAME`.' } };
  schema.additionalProperties = false;
}

/** The schema of what stands at a path; of several alternatives the one whose `type` fits the value there. */
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
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
  const chosen =
    options.find((option) => option.properties?.type?.const === type && type !== undefined) ??
    options.find((option) => option.properties ?? option.items);
  return chosen ? { ...schema, ...chosen } : { ...options[0], ...schema };
}
