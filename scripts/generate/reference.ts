import type { JsonSchema } from '../../src/config/schema/json-schema.ts';

/** The configuration reference in Markdown: a table a section, a row a key. */
export function configurationReference(schema: JsonSchema): string {
  return sections(schema, '', null).join('\n\n');
}

function sections(schema: JsonSchema, path: string, description: string | null, which = ''): string[] {
  const entries = Object.entries(schema.properties ?? {});
  const rows = entries.map(([key, property]) => row(key, property, schema.required?.includes(key) ?? false));
  for (const property of Object.values(schema.patternProperties ?? {})) rows.push(row('env_NAME', property, false));
  const heading = path === '' ? '### The file' : `### \`${path}\`${which}`;
  const table = [
    heading,
    ...(description ? [description] : []),
    ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
  return [table, ...entries.flatMap(([key, property]) => below(key, property, path))];
}

/** Sections of what is inside a key: an object, or the objects of a list. Of two keys that take the same sections only the first has them. */
function below(key: string, schema: JsonSchema, path: string): string[] {
  const at = path === '' ? key : `${path}.${key}`;
  const inner = schema.items ?? schema;
  const options = (inner.anyOf ?? inner.oneOf ?? [inner]).filter((option) => option.properties);
  if (key === 'readiness') return [];
  return options.flatMap((option) => {
    const type = options.length > 1 ? option.properties?.type : undefined;
    const name = schema.items ? `${at}[]` : at;
    const [mark = ''] = option.title === undefined ? [] : (option.required ?? []);
    if (mark !== '') return sections(option, name, option.description ?? null, `, with \`${mark}\``);
    return sections(
      option,
      type ? `${name}, type: ${String(type.const)}` : name,
      type?.description ?? schema.description ?? null,
    );
  });
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const cells = [`\`${key}\``, typeName(schema), required ? 'required' : fallback(schema), schema.description ?? ''];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function fallback(schema: JsonSchema): string {
  const value = schema.default;
  if (value === undefined) return '';
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && schema.type !== 'object') return 'see below';
  if (isSection(schema) && value !== null && typeof value === 'object') return 'see below';
  return `\`${yaml(value)}\``;
}

function isSection(schema: JsonSchema): boolean {
  return schema.properties !== undefined || (schema.anyOf ?? []).some((option) => option.properties);
}

/** A default as one would write it in YAML. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  return typeof value === 'object' && value !== null ? '{}' : String(value);
}

function typeName(schema: JsonSchema): string {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    // 503 may be written as a number or as text.
    const names = options.filter((option) => option.const !== 503).map(typeName);
    return [...new Set(names)].join(' or ');
  }
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.items)
    return schema.items.properties || schema.items.oneOf || schema.items.anyOf?.some((o) => o.properties)
      ? 'list'
      : `list of ${typeName(schema.items)}`;
  if (schema.properties) return 'section';
  if (schema.type === 'object') return 'NAME: value';
  if (schema.type === 'integer') return schema.title ?? 'whole number';
  if (schema.type === 'boolean') return 'true or false';
  return schema.title ?? String(schema.type ?? '');
}
