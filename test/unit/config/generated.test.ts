import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { docsFiles, schemaFiles } from '../../../scripts/generate/files.ts';
import { configJsonSchema, type JsonSchema } from '../../../src/config/schema/json-schema.ts';

for (const [command, files] of [
  ['npm run schema', schemaFiles()],
  ['npm run docs', docsFiles()],
] as const) {
  test(`what ${command} writes is up to date`, () => {
    assert.ok(files.length > 0);
    for (const { file, content } of files) assert.ok(readFileSync(file, 'utf8') === content, `${file} is stale: ${command}`);
  });
}

test('every key says what it means', () => {
  const silent = (schema: JsonSchema, path: string): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
      ...(property.description ? [] : [`${path}.${key}`]),
      ...silent(property, `${path}.${key}`),
    ]),
    ...[schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((inner) => (inner ? silent(inner, path) : [])),
  ];
  assert.deepEqual(silent(configJsonSchema(), ''), []);
});
