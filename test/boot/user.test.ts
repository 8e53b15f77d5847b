// An ordinary user's boots under a real systemd: `lifeguard boot`, with the line that root has to run. One machine, its scenarios in a row. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe } from 'node:test';
import { Host, tell } from './host.ts';
import { missing } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const NVM = '/home/deploy/.nvm/versions/node/v1/bin/node';

/** In turn as soon as there is another daemon at all, with the apps yet to come, and as soon as systemd has it with all of them. */
const TEN_KILLS = (unit: string) => `
  exec 9<> <(:)
  there() { next=0; read -r next </home/deploy/.pm2/pm2.pid; } 2>/dev/null
  started() { next=$(systemctl show -P MainPID ${unit}); grep -qs ^PM2 /proc/$next/comm || next=0; }
  started; daemon=$next
  for time in 1 2 3 4 5; do
    for look in there started; do
      kill -9 $daemon || exit 1
      until $look; [ "\${next:-0}" != 0 ] && [ $next != $daemon ] && kill -0 $next; do read -r -t 0.1 -u 9; done
      daemon=$next
    done
  done`;

describe('an ordinary user', { timeout: 900_000, concurrency: 1 }, () => {
  const host = new Host({ user: 'deploy', pm2: 'bin/pm2.js', node: process.execPath, unified: true, share: 2 });
  const { machine, here } = host;
  before(async () => {
    await host.setUp();
    // As nvm has it: a Node that will be gone after an upgrade.
    await machine.must(`runuser -u deploy -- sh -c 'mkdir -p ${dirname(NVM)} && cp /usr/local/bin/node ${NVM} && sync'`);
  });
  after(() => machine.dispose());

  /** The line for root that was printed. */
  const runAsRoot = (said: string) => machine.must(/^ {2}sudo (env .*)$/m.exec(said)?.[1] ?? `echo 'no line in:' ${said}; false`);

  host.scenario('is told what to do, then the line for root; the daemon is handed over, and nothing is restarted', async () => {
    assert.match(
      (await host.lifeguard('boot', 'status')).stdout,
      /there is no pm2-deploy\.service: nothing starts with the machine/,
    );
    const was = await host.running();
    const { code, stdout } = await machine.run(here.lifeguard('boot install').replace('/usr/local/bin/node', NVM));
    assert.equal(code, 1);
    assert.match(stdout, /^A boot brings back: .*mediaposter-backend/m);
    assert.match(await runAsRoot(stdout), /systemd looks after PM2's daemon now \(pid \d+\)\. Nothing was restarted/);
    assert.deepEqual(await host.running(), was);
    await host.isSupervised(was);
    await machine.must(`systemd-analyze verify ${host.unit}.service`);
    assert.match(
      (await host.lifeguard('boot', 'install', '--user')).stderr,
      /of the machine's own systemd starts this PM2 already/,
    );
  });

  host.scenario(
    'a power cut right after that, in the middle of traffic: it is back, with every write that was acknowledged',
    async (t) => {
      const writer = machine.run('/usr/local/bin/node /opt/pm2-lifeguard/test/boot/posts.js write');
      const read = async () =>
        (await machine.must('/usr/local/bin/node /opt/pm2-lifeguard/test/boot/posts.js read')).trim().split('\n').map(Number);
      await machine.until('some traffic', '[ -e /run/written-600 ]');
      await machine.powerCut();
      const acknowledged = (await writer).stdout.trim().split('\n').slice(0, -1).map(Number);
      tell(t, 'power cut in traffic, first 200', await host.answers('/api/health', machine.switchOn()));
      const there = new Set(await read());
      assert.ok(acknowledged.length > 500);
      assert.deepEqual(
        acknowledged.filter((id) => !there.has(id)),
        [],
      );
      const unwritten = machine.disk.isOwn
        ? 'what was not on the disk was lost'
        : 'no loop device: what was not on the disk was kept';
      t.diagnostic(`${acknowledged.length} acknowledged writes, all there; ${unwritten}`);
      await host.isSupervised(await host.allBack());
    },
  );

  host.scenario('a daemon killed ten times, as soon as it is back, or is about to be: after the last all is back', async (t) => {
    const since = performance.now();
    await machine.must(TEN_KILLS(host.unit), 300_000);
    await host.answers();
    tell(t, 'daemon killed ten times, all of it and the first 200 after the last', (performance.now() - since) / 1_000);
    await host.isSupervised(await host.allBack());
  });

  host.scenario('a reboot, and the Node of the unit gone: another one is used, and it is said', async (t) => {
    await machine.must('rm -r /home/deploy/.nvm/versions/node/v1');
    await machine.shutDown();
    tell(t, 'reboot with another Node, first 200', await host.answers('/api/health', machine.switchOn()));
    const all = await host.allBack();
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 1);
    assert.match(stdout, /v1\/bin\/node is gone: another Node is used at a boot\n {2}sudo env /);
    await runAsRoot(stdout);
    assert.deepEqual(await host.running(), all);
    await host.isSupervised(all);
  });

  host.scenario('pm2 update takes nothing down; the unit takes the new daemon over', async () => {
    await machine.must(here.as('/srv/backend/node_modules/pm2/bin/pm2 update'));
    await host.answers();
    const was = await host.allBack();
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 1);
    assert.match(stdout, /PM2's daemon runs outside of pm2-deploy\.service/);
    await runAsRoot(stdout);
    assert.deepEqual(await host.running(), was);
    await host.isSupervised(was);
  });

  host.scenario('only its own entries of the saved list are written, and a stale list is found', async () => {
    await machine.must(here.as('/srv/backend/node_modules/pm2/bin/pm2 start --name other sleep -- 1000'));
    await host.lifeguard('boot', 'install');
    const saved = JSON.parse(await machine.must('cat /home/deploy/.pm2/dump.pm2')) as { name: string }[];
    assert.deepEqual(saved.map(({ name }) => name).sort(), ['database', 'lifeguard', 'mediaposter-backend']);
    await machine.must(`sed -i 's/"name": "mediaposter-backend"/"name": "was-here"/' /home/deploy/.pm2/dump.pm2`);
    assert.match((await host.lifeguard('boot', 'status')).stdout, /saved list is not what runs: .*mediaposter-backend/);
    await host.lifeguard('boot', 'install');
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 0, stdout);
  });

  host.scenario('removed, the unit is gone and what runs goes on; after a boot nothing is there', async () => {
    const was = await host.running();
    await machine.must(here.lifeguardAsRoot('boot remove --user deploy'));
    assert.deepEqual(await host.running(), was);
    assert.match((await host.lifeguard('boot', 'status')).stdout, /there is no pm2-deploy\.service|is not enabled/);
    await machine.powerCut();
    await machine.boot();
    assert.notEqual((await machine.run(`systemctl cat ${host.unit}`)).code, 0, 'it is gone for good');
    assert.equal(await host.is200(), false);
  });
});
