// What the unit runs at a boot, when PM2's daemon dies while it comes up.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchdJob } from '../../src/boot/launchd-job.ts';
import { parsedPlist } from '../support/parsed-plist.ts';
import { until } from '../support/poll.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';

interface Job {
  readonly ProgramArguments: string[];
  readonly EnvironmentVariables: NodeJS.ProcessEnv;
}

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

test("the command of launchd's job, run by the sh here with the environment of the job alone, brings back what PM2 has saved, and ends well", async () => {
  const sandbox = new Sandbox();
  try {
    for (const line of ['start --name sleeper sleep -- 600', 'save', 'kill'])
      assert.equal((await sandbox.pm2(...line.split(' '))).code, 0, line);
    const folders = { pm2Home: sandbox.pm2Home, node: process.execPath, file: '', packageFolder: ROOT, needs: [] };
    const job = parsedPlist(launchdJob({ user: 'ada', ...folders, startMs: 0, stopMs: 0 }, 'agent')) as unknown as Job;
    const [shell = '', ...args] = job.ProgramArguments;
    const { code, stdout, stderr } = await sandbox.run(shell, args, { env: { HOME: sandbox.dir, ...job.EnvironmentVariables } });
    assert.equal(code, 0, stdout + stderr);
    const list = await sandbox.list();
    assert.deepEqual(
      list.map(({ name, pm2_env }) => [name, pm2_env.status]),
      [['sleeper', 'online']],
    );
  } finally {
    await sandbox.dispose();
  }
});
