import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/mistakes/diagnostics.ts';

// Each bad NAME.yaml has the words that a person gets in NAME.txt. UPDATE=1 writes them anew: then read them aloud.
const folder = fileURLToPath(new URL('../../fixtures/bad-config', import.meta.url));
const env = { SECRET: 'hunter2', LIFEGUARD_CONFIG: undefined };

for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.yaml'))) {
  test(`bad configuration: ${name}`, () => {
    const shown = refusal(name);
    const expected = join(folder, name.replace(/yaml$/, 'txt'));
    if (process.env.UPDATE || !existsSync(expected)) writeFileSync(expected, `${shown}\n`);
    assert.equal(`${shown}\n`, readFileSync(expected, 'utf8'));
    assert.doesNotMatch(shown, /hunter2|pa55word|123456789|undefined|\[object/);
    assert.match(shown, new RegExp(`^${name}(:\\d+:\\d+)?: `, 'm'));
  });
}

function refusal(name: string): string {
  const file = join(folder, name);
  try {
    loadConfig({
      file: join(dirname(file), 'ecosystem.config.ts'),
      typescript: {},
      env: { ...env, LIFEGUARD_CONFIG: file },
      cwd: folder,
    });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String((error as Error).stack));
    return error.message;
  }
  return assert.fail(`${name} was taken`);
}
