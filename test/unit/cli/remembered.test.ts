import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { remembered } from '../../../src/cli/looking/remembered.ts';
import type { WatchConfig } from '../../../src/config/resolved.ts';
import { loadEcosystem } from '../../../src/pm2/command-line/load.ts';
import type { Pm2Process } from '../../../src/pm2/types.ts';
import { ROOT } from '../../support/sandbox.ts';

test('an ecosystem file is run again when anything that it was made from has changed, and only then', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-remembered-'));
  t.after(() => rmSync(folder, { recursive: true }));
  let written = 0;
  /** As if it were long ago: what is written just now is not trusted to show a later change. */
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    written += 1;
    utimesSync(join(folder, name), written, written);
  };
  // As CommonJS one process would load what it imports once.
  write('package.json', '{ "type": "module" }');
  write('ports.ts', 'export const port: number = 4001;');
  write('read.json', '4002');
  write(
    'ecosystem.config.ts',
    `import { readFileSync } from 'node:fs';
     import { defineEcosystem } from ${JSON.stringify(join(ROOT, 'src/index.ts'))};
     import { port } from './ports.ts';
     const backend = (name: string, port: number) => ({ name, port, run: { command: 'sleep 1' } });
     export const { apps } = defineEcosystem(import.meta.url, { backends: [backend('a', port), backend('b', Number(readFileSync('${folder}/read.json', 'utf8')))] });`,
  );
  const running = { name: 'lifeguard' } as WatchConfig;
  const app = { name: 'a', pmId: 0, env: { args: ['1'], axm_monitor: { memory: 1 } } } as unknown as Pm2Process;
  let asked = 0;
  const ports = async (listed: readonly Pm2Process[] = [app]) =>
    (
      await remembered(join(folder, 'compared.json'), { file: 'x', running, listed }, async (note) => {
        asked += 1;
        const found = (await loadEcosystem(join(folder, 'ecosystem.config.ts'), note))?.watch.backends ?? [];
        return found.map(({ name, port }) => ({ app: name, what: 'changed', keys: [String(port)], files: [], takenBy: null }));
      })
    ).flatMap(({ keys }) => keys);

  assert.deepEqual(await ports(), ['4001', '4002']);
  assert.deepEqual(await ports(), ['4001', '4002']);
  await ports([{ ...app, env: { ...app.env, axm_monitor: { memory: 2 } } } as Pm2Process]);
  assert.equal(asked, 1, 'nothing has changed that matters');
  assert.doesNotMatch(readFileSync(join(folder, 'compared.json'), 'utf8'), new RegExp(process.env.PATH ?? 'PATH'));

  const changes: readonly (readonly [string, () => void, readonly string[]])[] = [
    ['what it imports', () => write('ports.ts', 'export const port = 5001;'), ['5001', '4002']],
    ['what it reads', () => write('read.json', '5002'), ['5001', '5002']],
    ['what it looked for', () => write('backend.yaml', '{ backends: [{ name: a, port: 6001 }] }'), ['6001', '5002']],
  ];
  for (const [what, change, expected] of changes) {
    change();
    const before: number = asked;
    assert.deepEqual(await ports(), expected, what);
    assert.equal(asked, before + 1, what);
  }
  const before = asked;
  await ports([{ ...app, env: { args: ['2'] } } as unknown as Pm2Process]);
  assert.equal(asked, before + 1, 'what runs');
  process.env.LIFEGUARD_TEST_OF_REMEMBERED = 'x';
  t.after(() => delete process.env.LIFEGUARD_TEST_OF_REMEMBERED);
  await ports([{ ...app, env: { args: ['2'] } } as unknown as Pm2Process]);
  assert.equal(asked, before + 2, 'the environment');
});

test('what was written a moment ago is looked at again the next time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-remembered-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'fresh');
  writeFileSync(file, '');
  let asked = 0;
  for (let i = 0; i < 2; i++)
    await remembered(
      join(folder, 'compared.json'),
      { file: 'x', running: { name: 'lifeguard' } as WatchConfig, listed: [] },
      async () => {
        asked += 1;
        readFileSync(file);
        return [];
      },
    );
  assert.equal(asked, 2);
});
