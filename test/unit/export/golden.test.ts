// The whole of an export, for three configurations and three targets. UPDATE_GOLDEN=1 npm test test/unit/export writes them anew.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { ExportPlan } from '../../../src/export/plan.ts';
import { CONFIGURATIONS, inputOf } from '../../support/export/configurations.ts';
import { planned, TARGETS } from '../../support/export/planned.ts';
import { ROOT } from '../../support/sandbox.ts';

for (const configuration of CONFIGURATIONS)
  for (const target of TARGETS)
    test(`${configuration.name} as ${target} is what it was`, async () => {
      const plan = await planned(target, inputOf(configuration, '/srv/shop', '/usr/bin/node'));
      const file = join(ROOT, 'test/golden/export', `${configuration.name}.${target}.txt`);
      const text = asText(plan);
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      assert.equal(text, readFileSync(file, 'utf8'));
    });

test('no export of them holds a secret', async () => {
  for (const configuration of CONFIGURATIONS)
    for (const target of TARGETS) {
      const plan = await planned(target, inputOf(configuration, '/srv/shop', '/usr/bin/node'));
      assert.doesNotMatch(JSON.stringify(plan), /sesame/, `${configuration.name} as ${target}`);
    }
});

function asText({ files, notes, next }: ExportPlan): string {
  const parts = files.map(({ path, text }) => `==== ${path}\n${text}`);
  return [...parts, ...notes.map((note) => `note: ${note}\n`), ...next.map((line) => `next: ${line}\n`)].join('');
}
