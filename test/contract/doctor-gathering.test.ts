import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { clockStep } from '../../src/doctor/gathering/clock.ts';
import { errorRate } from '../../src/doctor/gathering/error-rates.ts';
import { notWritable } from '../../src/doctor/gathering/log-owners.ts';
import { thisHost } from '../../src/host/this-host.ts';
import type { Pm2Process } from '../../src/pm2/types.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-27T12:00:00Z');

suite('what doctor looks at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-test-'));
  after(() => rmSync(folder, { recursive: true }));

  test('the error log: the last hour beside the week before, archives among it; a stack trace is as old as its first line', async () => {
    const file = join(folder, 'api-error.log');
    const lines = (count: number, at: number) => `${new Date(at).toISOString()} failed\n    at shop.js:1\n`.repeat(count / 2);
    writeFileSync(join(folder, 'api-error-2026-11-26T00-00-00Z.log.gz'), gzipSync(lines(94, NOW - 48 * HOUR)));
    writeFileSync(file, lines(2, NOW - 25 * HOUR) + lines(120, NOW - HOUR / 2));
    const rate = await errorRate('api', file, NOW);
    assert.deepEqual([rate?.recentPerMinute, rate && Math.round(rate.pastPerMinute * 60 * 47)], [2, 96]);
  });

  test('an error log that tells no times, and one that is young, say nothing', async () => {
    const file = join(folder, 'plain-error.log');
    writeFileSync(file, 'failed\n'.repeat(1_000));
    assert.equal(await errorRate('plain', file, NOW), null);
    writeFileSync(file, `${new Date(NOW - 20 * HOUR).toISOString()} failed\n`.repeat(1_000));
    assert.equal(await errorRate('plain', file, NOW), null);
    assert.equal(await errorRate('plain', join(folder, 'none.log'), NOW), null);
  });

  test('a log file is judged for the user who runs PM2, as the kernel does it', () => {
    const file = join(folder, 'owned.log');
    writeFileSync(file, '');
    const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const another = { uid: uid + 1, gids: [gid + 1] };
    const colleague = { uid: uid + 1, gids: [gid + 1, gid] };
    for (const [mode, strangers, colleagues] of [
      [0o640, 1, 1],
      [0o660, 1, 0],
      [0o606, 0, 1],
    ] as const) {
      chmodSync(file, mode);
      assert.equal(notWritable([file, file], another).length, strangers, mode.toString(8));
      assert.equal(notWritable([file], colleague).length, colleagues, mode.toString(8));
      assert.deepEqual(notWritable([file], { uid: 0, gids: [] }), []);
    }
    assert.deepEqual(notWritable([join(folder, 'gone.log')], another), []);
  });

  test('a clock that was set: PM2 noted another start than the kernel counts', async (t) => {
    const host = thisHost(process.env);
    if (host.by !== 'proc') return t.skip('no /proc here');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const started = (startedAt: number) => [{ name: 'api', pid: child.pid ?? 0, startedAt } as Pm2Process];
    try {
      const honest = await clockStep(host, started(Date.now()), Date.now());
      assert.ok(honest !== null && Math.abs(honest.stepMs) < 30_000, JSON.stringify(honest));
      const back = await clockStep(host, started(Date.now() + HOUR), Date.now());
      assert.ok(back !== null && Math.abs(back.stepMs + HOUR) < 30_000, JSON.stringify(back));
    } finally {
      child.kill('SIGKILL');
    }
  });
});
