import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { until } from '../support/poll.ts';
import { ROOT } from '../support/sandbox.ts';

const GUARD = `
  import { systemClock } from ${JSON.stringify(`${ROOT}/src/clock/clock.ts`)};
  import { guardAgainstStall } from ${JSON.stringify(`${ROOT}/probes/stall-guard.ts`)};
  guardAgainstStall(systemClock, console.error, { allowedS: 2, renewMs: 100 });
  const spin = (ms) => { for (const end = Date.now() + ms; Date.now() < end;); };
`;

function guarded(t: TestContext, work: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', `${GUARD}${work}`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('a loop that stands still is ended by the kernel, and by nothing else', async (t) => {
  const stalled = guarded(t, 'setTimeout(() => { console.log("spins"); for (;;); }, 500);');
  await once(stalled.stdout as NodeJS.ReadableStream, 'data');
  const [code, signal] = (await once(stalled, 'exit')) as [number | null, string | null];
  assert.deepEqual([code, signal], [null, 'SIGXCPU']);
});

test('one that works hard and comes round goes on, and so does one that was stopped meanwhile', async (t) => {
  const busy = guarded(t, 'setInterval(() => spin(80), 100); setInterval(() => console.log(process.cpuUsage().user), 100);');
  let usedUs = 0;
  busy.stdout?.setEncoding('utf8').on('data', (text: string) => {
    usedUs = Number(text.trim().split('\n').at(-1));
  });
  await until('four seconds of processor time', () => usedUs > 4e6, { deadlineMs: 90_000 });
  busy.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  busy.kill('SIGCONT');
  const before = usedUs;
  await until('more work after it was stopped', () => usedUs > before, { deadlineMs: 20_000 });
  assert.equal(busy.exitCode, null);
  assert.equal(busy.signalCode, null);
});
