import type { JsonSchema } from '../../src/config/schema/json-schema.ts';

const HEADER = `// Generated from the zod schema in schema.ts by \`npm run schema\`; a test fails when it is stale. Interfaces of their own instead of
// z.input, so that an editor shows each key's docstring and a short name, and a user's compiler never has to look into zod.

import type { Duration } from '../units/duration.ts';
import type { Size } from '../units/size.ts';
`;

/** Interface names that the key alone would not give. */
const NAMES: Readonly<Record<string, string>> = { backends: 'Backend', depends_on: 'Dependency' };

/** TypeScript's view of the configuration: an interface a section, a docstring with the default on each key. */
export function inputTypes(schema: JsonSchema): string {
  const interfaces: string[] = [];
  declare(
    'EcosystemInput',
    schema,
    'The whole configuration, as it is given to `defineEcosystem` and in backend.yaml.',
    interfaces,
  );
  return [HEADER, ...interfaces].join('\n');
}

/** Adds an interface, after those that it uses; one that several keys share only once. */
function declare(name: string, schema: JsonSchema, about: string, interfaces: string[]): void {
  if (interfaces.some((text) => text.includes(`\nexport interface ${name} {`))) return;
  const required = new Set(schema.required ?? []);
  const lines = Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const optional = !required.has(key);
    return [
      docstring(property),
      `  readonly ${key}${optional ? '?' : ''}: ${typeOf(property, key, interfaces)}${optional ? ' | undefined' : ''};`,
    ];
  });
  for (const property of Object.values(schema.patternProperties ?? {})) {
    // env_file fits the pattern too, so its type has to be allowed.
    lines.push(
      docstring(property),
      `  readonly [name: \`env_\${string}\`]: ${typeOf(property, 'env', interfaces)} | string | null | undefined;`,
    );
  }
  interfaces.push(`/** ${about} */\nexport interface ${name} {\n${lines.join('\n')}\n}\n`);
}

function docstring({ description, default: fallback }: JsonSchema): string {
  const shown = fallback === undefined || isObject(fallback) ? '' : ` @default ${JSON.stringify(fallback)}`;
  return `  /** ${description ?? ''}${shown} */`;
}

function typeOf(schema: JsonSchema, key: string, interfaces: string[]): string {
  if (schema.title === 'duration') return 'Duration';
  if (schema.title === 'size') return 'Size';
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.map((option) => typeOf(option, nameOfOption(option, key), interfaces)).join(' | ');
  if (schema.items) {
    const item = typeOf(schema.items, key, interfaces);
    return item.includes(' ') ? `readonly (${item})[]` : `readonly ${item}[]`;
  }
  if (schema.properties) {
    const name = `${schema.title ?? NAMES[key] ?? `${key[0]?.toUpperCase()}${key.slice(1)}`}Input`;
    declare(name, schema, schema.properties.type?.description ?? schema.description ?? `One of \`${key}\`.`, interfaces);
    return name;
  }
  if (schema.type === 'object') {
    const value = typeOf(schema.additionalProperties as JsonSchema, key, interfaces);
    return `Readonly<Record<string, ${value === 'unknown' ? value : `${value} | undefined`}>>`;
  }
  return [schema.type ?? 'unknown']
    .flat()
    .map((type) => (type === 'integer' ? 'number' : type))
    .join(' | ');
}

/** Alternatives are told apart by their `type`: alerts become WebhookAlertInput and so on. */
function nameOfOption(option: JsonSchema, key: string): string {
  const type = option.properties?.type?.const;
  return typeof type === 'string' ? `${type}Alert` : key;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
