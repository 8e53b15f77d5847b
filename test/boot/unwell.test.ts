// Root's boots of a machine that is not well, under a real systemd, with a stock PM2 and `lifeguard boot` over the unit of `pm2 startup`. One machine,
// its scenarios in a row. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { modernNode } from '../support/modern-node.ts';
import { Host, tell } from './host.ts';
import { missing } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

/** Somebody else who has the database's port. */
const SQUATTER = `[Unit]
Before=pm2-root.service
[Service]
ExecStart=/usr/local/bin/node -e "require('net').createServer().listen(15432, '127.0.0.1')"
[Install]
WantedBy=multi-user.target
`;

/** Takes what is left of the disk, and what becomes free. */
const FILLER = `[Unit]
Before=pm2-root.service
[Service]
ExecStart=/bin/sh -c 'while :; do cat /dev/zero >>/rest; sleep 0.1; done'
[Install]
WantedBy=multi-user.target
`;

/** The wall clock is what /etc/clock says, at each look; the monotonic one goes on. */
const NODE_BY_ANOTHER_CLOCK = `#!/bin/sh
export LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
export FAKETIME_TIMESTAMP_FILE=/etc/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
exec /usr/local/bin/node-itself "$@"
`;

describe('root, on a machine that is not well', { timeout: 900_000, concurrency: 1 }, () => {
  const host = new Host({ user: 'root', pm2: 'node_modules/pm2/bin/pm2', node: modernNode(), movesNode: true });
  const { machine, here, unit } = host;
  before(async () => {
    await host.setUp();
    await machine.must(here.startup);
    await machine.must(here.lifeguard('boot install'));
  });
  after(() => machine.dispose());

  const state = async () => (await machine.run(`systemctl is-active ${unit}`)).stdout.trim();

  host.scenario('the disk is full at a boot: it comes back when there is space again', async (t) => {
    if (!machine.disk.isOwn) return t.skip('no loop device here');
    // The last of it is taken early in the boot: on a disk without a free block the kernel would let nobody write to this tree at all.
    await machine.write('/etc/systemd/system/filler.service', FILLER);
    await machine.must('systemctl enable filler; fallocate -l $(($(df --output=avail -B1 / | tail -1) - 2000000)) /full; sync');
    await machine.powerCut();
    await machine.boot();
    await machine.until('a full disk', '[ "$(df --output=avail -B1 / | tail -1)" -lt 50000 ]');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    t.diagnostic(`on the full disk the unit is ${await state()}, and /api/health is ${(await host.is200()) ? '200' : 'not 200'}`);
    await machine.must('systemctl disable --now filler; rm /full /rest');
    tell(t, 'space again, first 200', await host.answers());
    await host.allBack();
    tell(t, 'kill -9 then, 200 again', await host.heals());
    await host.isSupervised(await host.running());
  });

  host.scenario(
    'a boot with the clock a year behind and the database later than the backend: it answers meanwhile, and is not restarted, nor when the clock is set right',
    async (t) => {
      await machine.must('mv /usr/local/bin/node /usr/local/bin/node-itself');
      await machine.write('/usr/local/bin/node', NODE_BY_ANOTHER_CLOCK);
      await machine.write('/etc/systemd/system/squatter.service', SQUATTER);
      await machine.must('chmod +x /usr/local/bin/node; echo -365d >/etc/clock; systemctl enable squatter; sync');
      await machine.powerCut();
      const at = machine.switchOn();
      tell(t, 'no database at the boot, first answer (503)', await host.answers('/api/health', at, 503));
      const { 'mediaposter-backend': backend } = await host.running();
      assert.ok(backend);
      const held = `grep '"what":"hold"' | grep -q '"code":"dependency-down"'`;
      await machine.until('lifeguard to hold it', `${here.journal} | grep "$(date -d '-365 days' +%Y-)" | ${held}`);
      await machine.must('systemctl disable --now squatter');
      tell(t, 'the port is free, first 200', await host.answers());
      const was = await host.allBack();
      assert.equal(was['mediaposter-backend'], backend);

      const year = async () => Number((await machine.must(`/usr/local/bin/node -p 'new Date().getFullYear()'`)).trim());
      const wrong = await year();
      await machine.must('echo +0d >/etc/clock');
      assert.equal(await year(), wrong + 1);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      assert.deepEqual(await host.running(), was);
      tell(t, 'the clock set right, kill -9 then, 200 again', await host.heals());
    },
  );
});
