// Two projects in one PM2, twenty operations of either by chance: what one does never touches a process of the other one's.
// SEEDS=50 npm test test/e2e/two-projects-by-chance.test.ts for more; SEED=7 for one of them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { daemonPid } from '../../src/host/orphans/marker.ts';
import { Chance } from '../simulation/chance.ts';
import { isAlive } from '../support/clone.ts';
import { until } from '../support/poll.ts';
import { processesOf, Sandbox } from '../support/sandbox.ts';
import { incarnations, type SmallProject, smallProject } from '../support/small-project.ts';

const OPERATIONS = 20;
const SEEDS =
  process.env.SEED === undefined
    ? Array.from({ length: Number(process.env.SEEDS ?? 2) }, (_, at) => at + 1)
    : [Number(process.env.SEED)];
const LIKELY = { start: 5, stop: 2, restart: 3, delete: 2, save: 2, 'daemon killed': 2 } as const;

for (const seed of SEEDS)
  test(`seed ${seed}`, { timeout: 600_000 }, async (t) => {
    const sandbox = new Sandbox();
    const done: string[] = [];
    try {
      const shop = await smallProject(sandbox, 'shop', ['api', 'web']);
      const blog = await smallProject(sandbox, 'blog', ['posts']);
      blog.configure({}, { lifeguard: { name: 'lifeguard-blog' } });
      writeFileSync(join(sandbox.dir, 'other.cjs'), 'setInterval(() => {}, 1000);');
      await sandbox.pm2('start', 'other.cjs');
      const both = { shop: { project: shop, apps: APPS.shop }, blog: { project: blog, apps: APPS.blog } };
      const chance = new Chance(seed);
      while (done.length < OPERATIONS) {
        const operation = chance.weighted(LIKELY);
        const who = chance.pick(['shop', 'blog'] as const);
        done.push(['save', 'daemon killed'].includes(operation) ? operation : `${who} ${operation}`);
        if (operation === 'save') assert.equal((await sandbox.pm2('save', '--force')).code, 0);
        else if (operation === 'daemon killed') await dieAndResurrect(sandbox);
        else await oneActs(sandbox, both[who].project, operation, both[who].apps);
      }
      for (const { project } of Object.values(both)) await project.start();
      assert.deepEqual(
        Object.values(await settled(sandbox))
          .flat()
          .filter((one) => !one.includes('@')),
        [],
        'after a start of both all of it runs',
      );
    } catch (error) {
      t.diagnostic(`after: ${done.join(', ')}`);
      throw error;
    } finally {
      await sandbox.dispose();
    }
  });

const APPS = { shop: ['api', 'web', 'lifeguard'], blog: ['posts', 'lifeguard-blog'] } as const;

/** One project is started, stopped, restarted or deleted: of all that is not its own nothing changes, by pid and start time. */
async function oneActs(
  sandbox: Sandbox,
  project: SmallProject,
  operation: 'start' | 'stop' | 'restart' | 'delete',
  own: readonly string[],
): Promise<void> {
  const others = async () =>
    Object.fromEntries(Object.entries(await incarnations(sandbox)).filter(([name]) => !own.includes(name)));
  await settled(sandbox);
  const was = await others();
  await project[operation]();
  assert.deepEqual(await others(), was);
}

/** What PM2 brings back of a project is all of it, or nothing. */
async function dieAndResurrect(sandbox: Sandbox): Promise<void> {
  const daemon = daemonPid(sandbox.pm2Home);
  if (daemon !== null && isAlive(daemon)) process.kill(daemon, 'SIGKILL');
  await until('the daemon to be gone', () => daemon === null || !isAlive(daemon));
  // As a boot does: what outlived its daemon does not outlive the machine.
  for (const { pid } of processesOf(sandbox.pm2Home)) process.kill(pid, 'SIGKILL');
  await until('everything to end', () => processesOf(sandbox.pm2Home).length === 0);
  await sandbox.pm2('resurrect');
  const back = Object.keys(await settled(sandbox));
  for (const apps of Object.values(APPS)) {
    const found = apps.filter((name) => back.includes(name));
    assert.ok(found.length === 0 || found.length === apps.length, `back came ${back.join(', ')}`);
  }
}

/** What runs when for a second nothing has changed. */
async function settled(sandbox: Sandbox): Promise<Record<string, string[]>> {
  let last = '';
  let since = 0;
  return until(
    'nothing to change for a second',
    async () => {
      const now = await incarnations(sandbox);
      const text = JSON.stringify(now);
      if (text !== last || /launching|waiting|stopping/.test(text)) [last, since] = [text, performance.now()];
      return performance.now() - since > 1_000 ? now : null;
    },
    { deadlineMs: 90_000, everyMs: 100 },
  );
}
