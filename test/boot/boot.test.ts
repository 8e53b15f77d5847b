// On boot, under real systemd: what `pm2 startup` and `pm2 save` promise, with this package's own pm2 (as an ordinary user) and
// with a stock one (as root). Run by `npm run test:boot`; one machine for each, four boots in a row.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { modernNode } from '../support/modern-node.ts';
import { until } from '../support/poll.ts';
import { type Installed, install } from './installed.ts';
import { Machine } from './machine.ts';
import { missing, rootfs } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const ways = [
  { way: "this package's pm2, ordinary user", user: 'deploy', pm2: 'bin/pm2.js', node: () => process.execPath },
  { way: 'stock pm2, root', user: 'root', pm2: 'node_modules/pm2/bin/pm2', node: modernNode },
];

for (const { way, user, pm2, node } of ways) {
  describe(way, { timeout: 240_000 }, () => {
    let machine: Machine;
    let here: Installed;

    before(async () => {
      here = install({ user, pm2, node: node() });
      machine = new Machine(rootfs(), here.binds);
      await machine.boot();
      await machine.must(here.setUp);
    });
    after(() => machine?.dispose());

    it('without pm2 save, a power cut leaves nothing of it', async () => {
      await machine.must(here.start);
      await firstAnswer(machine, performance.now());
      await machine.must(here.startup);
      await machine.powerCut();
      await machine.boot();
      const unit = `pm2-${user}`;
      await until('the unit to have done its work', async () =>
        /^(active|failed|inactive)$/.test((await machine.run(`systemctl is-active ${unit}`)).stdout.trim()),
      );
      assert.deepEqual(await apps(machine, here), {});
      assert.notEqual((await machine.run(ASK)).code, 0);
    });

    it('saved, it is back after a reboot with nobody logged in, and watched', async (t) => {
      await machine.must(here.start);
      await firstAnswer(machine, performance.now());
      await machine.must(here.save);
      await machine.shutDown();
      t.diagnostic(`reboot: ${await comesBack(machine, here)}`);
    });

    if (pm2 === 'bin/pm2.js')
      it("as root where nothing says who that is, the unit is root's all the same", async () => {
        const unit = '/etc/systemd/system/pm2-root.service';
        await machine.must(`env -u USER PM2_HOME=/root/.pm2 /srv/backend/${pm2} startup systemd && grep '^User=root$' ${unit}`);
        await machine.must(`systemctl disable pm2-root && rm ${unit}`);
      });

    it('saved, it is back after a power cut, and watched', async (t) => {
      await machine.powerCut();
      t.diagnostic(`power cut: ${await comesBack(machine, here)}`);
    });
  });
}

async function comesBack(machine: Machine, here: Installed): Promise<string> {
  const seconds = await firstAnswer(machine, machine.switchOn());
  assert.equal((await machine.must('who')).trim(), '', 'nobody is logged in');
  const found = await until('all three apps online', async () => {
    const listed = await apps(machine, here);
    return ['database', here.backend, 'lifeguard'].every((name) => listed[name]?.status === 'online') && listed;
  });
  const healed = await heals(machine, here, found[here.backend]?.pid ?? 0);
  return `${seconds.toFixed(1)} s from the switch to the first 200; kill -9 then: 200 again after ${healed.toFixed(1)} s`;
}

/** Seconds from `since` to the first 200 of the readiness check. */
async function firstAnswer(machine: Machine, since: number): Promise<number> {
  await until('the first 200', async () => (await machine.run(ASK)).code === 0, { deadlineMs: 60_000 });
  return (performance.now() - since) / 1_000;
}
const ASK = 'curl -sf -m 2 -o /dev/null http://127.0.0.1:5555/api/health';

/** Kills the backend, and sees that it is back and that lifeguard has taken note: it is watching. */
async function heals(machine: Machine, here: Installed, pid: number): Promise<number> {
  const before = (await machine.run(here.journal)).stdout;
  await machine.must(`kill -9 ${pid}`);
  const at = performance.now();
  await until('a new process that answers', async () => {
    const now = (await apps(machine, here))[here.backend];
    return now?.status === 'online' && now.pid !== pid && (await machine.run(ASK)).code === 0;
  });
  const seconds = (performance.now() - at) / 1_000;
  await until('a new line in the journal', async () => {
    const journal = (await machine.run(here.journal)).stdout;
    return journal.length > before.length && journal.slice(before.length).includes('crash');
  });
  return seconds;
}

async function apps(machine: Machine, here: Installed): Promise<Record<string, { pid: number; status: string }>> {
  const said = await machine.must(here.list);
  const listed = JSON.parse(said.slice(said.indexOf('['))) as { name: string; pid: number; pm2_env: { status: string } }[];
  return Object.fromEntries(listed.map(({ name, pid, pm2_env }) => [name, { pid, status: pm2_env.status }]));
}
