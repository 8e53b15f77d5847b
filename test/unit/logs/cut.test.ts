import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Host } from '../../../src/host/host.ts';
import { linuxHost } from '../../../src/host/linux/linux-host.ts';
import { type CutResult, cut } from '../../../src/logs/rotation/cut.ts';

/** Cuts a log with one writer, which is asleep. @param held ms that this thread is held up just before it truncates; `runs`: the writer runs meanwhile */
async function cutWith(
  t: TestContext,
  { held = 0, runs = false },
): Promise<{ result: CutResult; rotated: string; live: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-cut-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [live, rotated] = [join(folder, 'app.log'), join(folder, 'app-rotated.log')];
  writeFileSync(live, 'one\ntwo\n');
  let switches = 0;
  const host: Host = {
    ...linuxHost(),
    writersOf: async () => [{ pid: process.pid, appends: true }],
    // A hypervisor that takes the processor away is no preemption to the kernel.
    preemptions: () => 'none',
    watchSleep: () => ({
      asleep() {
        if (runs) switches += 1;
        for (const end = performance.now() + held; performance.now() < end; );
        return true;
      },
      mark: () => `asleep ${switches}`,
      close: () => undefined,
    }),
  };
  const result = await cut(host, { live, rotated, pids: [process.pid], boundMs: 2_000 });
  return { result, rotated: readFileSync(rotated, 'utf8'), live: readFileSync(live, 'utf8') };
}

test('a cut in one go is sure, whoever woke up meanwhile', async (t) => {
  assert.deepEqual(await cutWith(t, {}), { result: 'cut', rotated: 'one\ntwo\n', live: '' });
});

test('held up at the very moment while its writer ran, without a preemption: it is not sure, and says so', async (t) => {
  assert.equal((await cutWith(t, { held: 1, runs: true })).result, 'unsure');
});

test('held up, and its writer slept all the time: it is sure', async (t) => {
  assert.equal((await cutWith(t, { held: 1 })).result, 'cut');
});
