import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { LifeguardError } from '../../../src/errors/lifeguard-error.ts';
import { loadEcosystem } from '../../../src/pm2/command-line/load.ts';
import { ROOT } from '../../support/sandbox.ts';

const dir = mkdtempSync(join(tmpdir(), 'lifeguard-load-'));
after(() => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, 'package.json'), '{ "type": "module" }');

const SOURCE = join(ROOT, 'src/index.ts');
const ES = `import { defineEcosystem } from '${SOURCE}';\n`;
const CJS = `const { defineEcosystem } = require('${SOURCE}');\n`;

const failures: [string, string, RegExp][] = [
  [
    'a bracket that is missing',
    `${ES}export const { apps } = defineEcosystem(import.meta.url, { backends: [ );\n`,
    /:2:\d+: Unexpected "\)"\n {4}2 \| export const/,
  ],
  [
    'something that it throws',
    `${ES}interface A { b: string }\nexport const port = process.env.NO_SUCH.length;\n`,
    /:3:\d+: TypeError: Cannot read properties of undefined.*\n {4}3 \| export const port/,
  ],
  [
    'a file that is not there',
    `${ES}import { x } from './missing.ts';\nexport const apps = x(defineEcosystem);\n`,
    /:2: Cannot find module '.*missing\.ts'\n {4}2 \| import/,
  ],
  [
    'a package that is not installed',
    `${ES}import { x } from 'no-such-package';\nexport const apps = x(defineEcosystem);\n`,
    /:2: Cannot find package 'no-such-package'/,
  ],
  [
    'an export that there is not',
    `import { defineEcosystm } from '${SOURCE}';\nexport const { apps } = defineEcosystm();\n`,
    /:1: The requested module '.*' does not provide an export named 'defineEcosystm'/,
  ],
  [
    'in CommonJS, a bracket that is missing',
    `${CJS}module.exports = defineEcosystem(__filename, { backends: [ );\n`,
    /:2:60: Unexpected "\)"/,
  ],
  [
    'in CommonJS, something that it throws',
    `${CJS}interface A { b: string }\nconst port = process.env.NO_SUCH.length;\nmodule.exports = { apps: [], port };\n`,
    /:3:\d+: TypeError: Cannot read properties of undefined.*\n {4}3 \| const port/,
  ],
  [
    'in CommonJS, a package that is not installed',
    `${CJS}const x = require('no-such-package');\nmodule.exports = { apps: [], x };\n`,
    /:2: Cannot find module 'no-such-package'/,
  ],
];

failures.forEach(([what, text, said], index) => {
  test(`an ecosystem file is told with its line: ${what}`, async () => {
    const file = join(dir, `${index}.config.${text.startsWith('const') ? 'c' : ''}ts`);
    writeFileSync(file, text);
    const error = (await loadEcosystem(file).catch((thrown: unknown) => thrown)) as LifeguardError;
    assert.equal(error.code, 'ecosystem-file', String(error.stack));
    assert.match(error.message, said);
    assert.ok(error.message.startsWith(file), error.message);
    assert.ok(error.message.length < 400, error.message);
    assert.doesNotMatch(error.message, /data:|^ +at /m);
  });
});

test('an ecosystem file that is reached through a symbolic link is told with its line too', async () => {
  writeFileSync(join(dir, 'real.config.ts'), `${ES}throw new Error('no colour is set');\n`);
  symlinkSync('real.config.ts', join(dir, 'link.config.ts'));
  await assert.rejects(loadEcosystem(join(dir, 'link.config.ts')), /:2:7: Error: no colour is set/);
});
