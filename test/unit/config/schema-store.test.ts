// What is prepared for schemastore.org, by the rules that it checks: a draft that every editor reads, Ajv's strict mode, no common name.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const schema = JSON.parse(read('docs/schema-store/pm2-lifeguard.json')) as { $id: string; $schema: string };
const isValid = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);

test('it takes every example of ours, and no key that there is not', () => {
  const examples = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('backend.yaml'),
  );
  assert.ok(examples.length >= 5);
  for (const name of examples) assert.ok(isValid(parse(read(`examples/${name}`))), `${name}: ${JSON.stringify(isValid.errors)}`);
  assert.equal(isValid({ backends: [{ name: 'api', restart: { max_restart: 5 } }] }), false);
});

test('its line of the catalogue names it, and no file that others have too', () => {
  const { fileMatch, url, ...rest } = JSON.parse(read('docs/schema-store/catalog-entry.json')) as Record<
    string,
    string | string[]
  >;
  assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
  assert.equal(url, schema.$id);
  assert.deepEqual(Object.keys(rest), ['name', 'description']);
  for (const pattern of fileMatch ?? []) assert.match(pattern, /lifeguard/);
});
