// Our PM2 7 over a daemon of an older PM2 that runs already, with an app of somebody else's in it: neither is started anew.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { fromNpm } from '../support/from-npm.ts';
import { until } from '../support/poll.ts';
import { ask, writeProject } from '../support/project.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';
import { incarnations } from '../support/small-project.ts';

for (const version of ['5.4.3', '6.0.14'])
  test(`PM2 ${version}: start, restart, status, logs, trigger, a crash and stop`, { timeout: 300_000 }, async () => {
    const older = join(fromNpm([`pm2@${version}`]), 'node_modules/pm2/bin/pm2');
    const sandbox = new Sandbox();
    const must = async (program: string, ...args: string[]) => {
      const { code, stdout, stderr } = await sandbox.run(process.execPath, [program, ...args]);
      assert.equal(code, 0, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
      return stdout;
    };
    const lifeguard = (...args: string[]) => must(join(ROOT, 'bin/lifeguard.js'), ...args);
    /** Ends in 1 or 2 while something is not well. */
    const status = async () => (await sandbox.lifeguard('status')).stdout;
    try {
      writeFileSync(join(sandbox.dir, 'other.js'), 'setInterval(() => {}, 1000);\n');
      await must(older, 'start', 'other.js');
      const { other } = await incarnations(sandbox);
      const { ports } = await writeProject(sandbox);

      await lifeguard('start');
      const started = await incarnations(sandbox);
      await lifeguard('restart', 'api');
      const restarted = await incarnations(sandbox);
      assert.notDeepEqual(restarted.api, started.api);
      assert.deepEqual([restarted.workers, restarted.lifeguard], [started.workers, started.lifeguard]);
      assert.equal((await ask(ports.api)).secret, 'of-the-env-file');

      await fetch(`http://127.0.0.1:${ports.api}/crash`).catch(() => undefined);
      await until('another process', async () => (await ask(ports.api)).pid, { deadlineMs: 30_000 });
      await until('it to be told', async () => /^api-1 .*crash/m.test(await lifeguard('incidents')), {
        deadlineMs: 60_000,
        everyMs: 500,
      });
      await until(
        'all to be healthy again',
        async () => ((await status()).match(/^(api|workers|python) +healthy/gm) ?? []).length === 3,
        { deadlineMs: 60_000, everyMs: 500 },
      );
      assert.match(await lifeguard('logs', 'api', '--no-follow'), /listening \d+/);
      const answer = await trigger(sandbox.pm2Home, 'lifeguard', 'status', '', 30_000);
      assert.match(JSON.stringify(answer), /backends/);
      assert.match(
        (await sandbox.lifeguard('doctor')).stdout,
        new RegExp(`the daemon runs another version of PM2[^]*${version.replaceAll('.', '\\.')} runs, 7\\.`),
      );

      await lifeguard('stop');
      assert.deepEqual(await incarnations(sandbox), { other });
    } finally {
      await sandbox.dispose();
    }
  });
