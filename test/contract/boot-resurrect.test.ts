// What the unit runs at a boot, when PM2's daemon dies while it comes up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/poll.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';

test('a daemon that is killed as soon as there is one: the program ends, so that systemd tries again', async () => {
  const sandbox = new Sandbox();
  try {
    const ends = sandbox.run(process.execPath, [join(ROOT, 'bin/at-boot.js')], { deadlineMs: 50_000 });
    const pid = await until('a daemon', () => Number(readFileSync(join(sandbox.pm2Home, 'pm2.pid'), 'utf8')) || null, {
      deadlineMs: 40_000,
      everyMs: 1,
    });
    process.kill(pid, 'SIGKILL');
    const { code, stdout, stderr } = await ends;
    assert.equal(code, 75, stdout + stderr);
  } finally {
    await sandbox.dispose();
  }
});
