// Root's boots under a real systemd, with a stock PM2: its own commands as docs/boot.md has them, then `lifeguard boot` over the unit that
// they wrote. One machine, its scenarios in a row. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { modernNode } from '../support/modern-node.ts';
import { Host, tell } from './host.ts';
import { missing } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

describe('root, with a stock PM2', { timeout: 900_000, concurrency: 1 }, () => {
  const host = new Host({ user: 'root', pm2: 'node_modules/pm2/bin/pm2', node: modernNode(), movesNode: true });
  const { machine, here, unit } = host;
  before(() => host.setUp());
  after(() => machine.dispose());

  host.scenario('without pm2 save, a power cut leaves nothing of it', async () => {
    await machine.must(here.startup);
    await machine.must('sync'); // PM2 leaves what it has written to the kernel's leisure.
    await machine.powerCut();
    await machine.boot();
    await machine.until('the unit to have done its work', `systemctl is-active ${unit} | grep -qE '^(active|failed|inactive)$'`);
    assert.deepEqual(await host.running(), {});
    assert.equal(await host.is200(), false);
  });

  host.scenario('saved, it is back after a reboot with nobody logged in, and watched', async (t) => {
    await machine.must(here.start);
    await host.answers();
    await machine.must(here.save);
    await machine.shutDown();
    tell(t, "reboot, PM2's own unit, first 200", await host.answers('/api/health', machine.switchOn()));
    await host.allBack();
    tell(t, 'kill -9 then, 200 again', await host.heals());
  });

  host.scenario(
    "pm2's own unit gives up for good after five failed starts; with ours over it, it tries until the cause is gone",
    async () => {
      const folder = `/etc/systemd/system/${unit}.service.d`;
      await machine.must(
        `mkdir -p ${folder} && printf '[Service]\\nExecStartPre=/bin/test -e /root/there\\n' >${folder}/gate.conf`,
      );
      await machine.must(`systemctl daemon-reload && ${here.kill}`);
      await machine.run(`systemctl start ${unit}`);
      await machine.until('it to have given up', `systemctl is-failed ${unit}`);

      await machine.must(`touch /root/there && systemctl reset-failed ${unit}`);
      await machine.must(here.start);
      await host.answers();
      const was = await host.allBack();
      assert.match((await host.lifeguard('boot', 'status')).stdout, /is the one of pm2 startup/);
      assert.match(await machine.must(here.lifeguard('boot install')), /Nothing was restarted/);
      assert.deepEqual(await host.running(), was);
      await host.isSupervised(was);

      await machine.must(`rm /root/there && systemctl kill -s KILL ${unit}`);
      await machine.until('six tries', `[ "$(systemctl show -P NRestarts ${unit})" -ge 6 ]`);
      await machine.must(`rm -r ${folder}/gate.conf && systemctl daemon-reload`);
      await host.answers();
      await host.isSupervised(await host.allBack());
    },
  );

  host.scenario('removed, it is as pm2 startup wrote it', async () => {
    assert.match(await machine.must(here.lifeguard('boot remove')), /is again as pm2 startup wrote it/);
    assert.match(await machine.must(`systemctl cat ${unit}`), /ExecStop=.*pm2.* kill/);
  });
});
