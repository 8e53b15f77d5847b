import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { restedly, sharedLists } from '../../../src/lifeguard/looking/lists.ts';
import { memoryOf } from '../../../src/lifeguard/memory.ts';
import { fileStore } from '../../../src/lifeguard/store.ts';
import type { Pm2Process } from '../../../src/pm2/types.ts';
import type { BackendState } from '../../../src/policy/state.ts';
import { createFleet, stateOf, withState } from '../../../src/policy/together/fleet.ts';
import { DEFAULTS } from '../../support/policies.ts';

function storeIn(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'lifeguard-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'state.json');
  const warnings: string[] = [];
  return {
    directory,
    file,
    warnings,
    open: () =>
      fileStore(
        file,
        (text) => warnings.push(text),
        () => 1,
      ),
  };
}

test('a note is known to a successor, over what was saved before it; a later save has it too', (t) => {
  const { file, open } = storeIn(t);
  const first = open();
  first.save({ api: 1, web: 1 });
  first.note('api', 2);
  assert.deepEqual(open().load(), { api: 2, web: 1 });
  first.save({ api: 3, web: 1 });
  assert.deepEqual(open().load(), { api: 3, web: 1 });
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a note that was torn by a power cut is left out, the others hold', (t) => {
  const { file, open, warnings } = storeIn(t);
  open().note('api', 1);
  appendFileSync(`${file}.notes`, '["api",{"sta');
  assert.deepEqual(open().load(), { api: 1 });
  assert.equal(statSync(`${file}.notes`).mode & 0o777, 0o600);
  assert.deepEqual(warnings, []);
});

test('what is no JSON is set aside and told, and the notes beside it are read all the same', (t) => {
  const { directory, file, open, warnings } = storeIn(t);
  writeFileSync(file, '{"api":');
  open().note('web', 1);
  assert.deepEqual(open().load(), { web: 1 });
  assert.match(warnings.join('\n'), /set aside/);
  assert.ok(readdirSync(directory).includes('state.json.damaged-1'));
  assert.equal(readFileSync(join(directory, 'state.json.damaged-1'), 'utf8'), '{"api":');
});

test('who asks for the list while one is under way shares the next one, which is asked for later', async () => {
  let now = 0;
  const waiting: ((list: Pm2Process[]) => void)[] = [];
  const list = sharedLists(
    { list: () => new Promise<Pm2Process[]>((resolve) => waiting.push(resolve)) },
    { now: () => now, wallNow: () => now },
  );
  const first = list();
  now = 5;
  const [second, third] = [list(), list()];
  waiting[0]?.([]);
  assert.equal((await first).askedAt, 0);
  now = 9;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(waiting.length, 2);
  waiting[1]?.([]);
  assert.equal(await second, await third);
  assert.ok((await second).askedAt >= 5);
});

test('lists rest a hundred times as long as the last one took, and a minute at most', async () => {
  let now = 0;
  const asked: number[] = [];
  let tookMs = 200;
  const look = restedly({ now: () => now, wallNow: () => now }, async () => {
    asked.push(now);
    now += tookMs;
  });
  const every30s = async (until: number) => {
    for (; now < until; now += 30_000) {
      look();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await every30s(60_000);
  assert.deepEqual(asked, [0, 30_200]);
  tookMs = 9_400;
  await every30s(240_000);
  assert.ok(asked.length >= 4, `asked at ${asked.join(', ')} ms`);
});

test('a list that failed is not the end of lists', async () => {
  let tries = 0;
  const list = sharedLists(
    {
      list: async () => {
        tries += 1;
        if (tries === 1) throw new Error('no answer');
        return [];
      },
    },
    { now: () => 0, wallNow: () => 0 },
  );
  await assert.rejects(list(), /no answer/);
  assert.equal((await list()).of('api').length, 0);
});

test('what goes on changing while all is well is written once a minute; a counted crash at the next look', () => {
  let now = 0;
  let saves = 0;
  const clock = { now: () => now, wallNow: () => now };
  const backend = { name: 'api', policy: DEFAULTS };
  const store = { load: () => ({}), note: () => {}, save: () => void saves++ };
  const memory = memoryOf(store, [backend], clock, () => {});
  let fleet = createFleet([backend], 0);
  const change = (part: object) => {
    fleet = withState(fleet, 'api', { ...(stateOf(fleet, 'api') as BackendState), ...part });
  };
  const looks = (ms: number, part: () => object) => {
    for (const end = now + ms; now < end; now += 10_000) {
      change(part());
      memory.keep(fleet);
    }
    return saves;
  };
  const answered = () => ({ lookedAt: now });
  assert.equal(looks(60_000, answered), 1);
  assert.equal(looks(60_000, answered), 2);
  change({ budget: { restarts: [], lastAt: now, lastDelayMs: 0, stableAt: null } });
  memory.keep(fleet);
  assert.equal(saves, 3);
});
