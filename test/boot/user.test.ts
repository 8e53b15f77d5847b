// An ordinary user's boots under a real systemd: `lifeguard boot`, with the line that root has to run, then PM2's own commands as docs/boot.md
// has them. One machine, its scenarios in a row. Run by `npm run test:boot`.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe } from 'node:test';
import { until } from '../support/poll.ts';
import { Host, tell } from './host.ts';
import { missing } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const NVM = '/home/deploy/.nvm/versions/node/v1/bin/node';

/** In turn as soon as there is another daemon at all, with the apps yet to come, and as soon as systemd has it with all of them. */
const TEN_KILLS = (unit: string) => `
  there() { cat /home/deploy/.pm2/pm2.pid 2>/dev/null; }
  started() { systemctl show -P MainPID ${unit}; }
  daemon=$(started)
  for time in 1 2 3 4 5; do
    for look in there started; do
      kill -9 $daemon || exit 1
      until next=$($look); [ "\${next:-0}" != 0 ] && [ $next != $daemon ] && kill -0 $next; do sleep 0.05; done
      daemon=$next
    done
  done`;

describe('an ordinary user', { timeout: 900_000 }, () => {
  const host = new Host({ user: 'deploy', pm2: 'bin/pm2.js', node: process.execPath, unified: true });
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
    await host.isSupervised();
    await machine.must(`systemd-analyze verify ${host.unit}.service`);
  });

  host.scenario(
    'a power cut right after that, in the middle of traffic: it is back, with every write that was acknowledged',
    async (t) => {
      const writer = machine.run('/usr/local/bin/node /srv/backend/test/boot/posts.js write');
      const read = async () =>
        (await machine.must('/usr/local/bin/node /srv/backend/test/boot/posts.js read')).trim().split('\n').map(Number);
      await until('some traffic', async () => (await read()).length > 500, { deadlineMs: 60_000 });
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
      await host.allBack();
      await host.isSupervised();
    },
  );

  host.scenario('a daemon killed ten times, as soon as it is back, or is about to be: after the last all is back', async (t) => {
    const since = performance.now();
    await machine.must(TEN_KILLS(host.unit), 300_000);
    await host.answers();
    tell(t, 'daemon killed ten times, all of it and the first 200 after the last', (performance.now() - since) / 1_000);
    await host.allBack();
    await host.isSupervised();
  });

  host.scenario('a reboot, and the Node of the unit gone: another one is used, and it is said', async (t) => {
    await machine.must('rm -r /home/deploy/.nvm/versions/node/v1');
    await machine.shutDown();
    tell(t, 'reboot with another Node, first 200', await host.answers('/api/health', machine.switchOn()));
    await host.allBack();
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 1);
    assert.match(stdout, /v1\/bin\/node is gone: another Node is used at a boot\n {2}sudo env /);
    await runAsRoot(stdout);
    await host.isSupervised();
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
    await host.isSupervised();
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

  host.scenario("without root, in the user's own systemd: handed over, killed, a reboot with nobody logged in", async (t) => {
    const systemctl = here.as('XDG_RUNTIME_DIR=/run/user/$(id -u deploy) systemctl --user');
    const isSupervised = () => host.isSupervised('pm2-lifeguard', systemctl);
    await machine.must(here.loggedIn(here.typedStart));
    await host.answers();
    const was = await host.allBack();

    await machine.must('systemctl mask --now polkit');
    const refused = await host.lifeguard('boot', 'install', '--user');
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stdout, /^ {2}sudo loginctl enable-linger deploy$/m);
    await machine.must('systemctl unmask polkit');

    assert.match(
      await machine.must(here.lifeguard('boot install --user')),
      /Lingering is on for deploy.*\n.*Nothing was restarted/,
    );
    assert.deepEqual(await host.running(), was);
    await isSupervised();
    const daemon = await host.daemon();
    await machine.must(`kill -9 ${daemon}`);
    await until('another daemon', async () => (await host.daemon()) !== daemon, { deadlineMs: 60_000 });
    await host.answers();
    await host.allBack();

    await machine.shutDown();
    tell(t, "reboot, the user's own systemd, first 200", await host.answers('/api/health', machine.switchOn()));
    await host.allBack();
    await isSupervised();
    assert.match(await machine.must(here.lifeguard('boot remove')), /What runs goes on/);
    assert.equal(await host.is200(), true);
  });

  host.scenario("by PM2's own commands, a power cut: it is back, and watched", async (t) => {
    await machine.must(here.startup);
    await machine.must(here.save);
    await machine.must('sync'); // PM2 leaves what it has written to the kernel's leisure.
    await machine.powerCut();
    tell(t, "power cut, PM2's own unit, first 200", await host.answers('/api/health', machine.switchOn()));
    await host.allBack();
    tell(t, 'kill -9 then, 200 again', await host.heals());
  });

  host.scenario("as root where nothing says who that is, the unit is root's all the same", async () => {
    const unit = '/etc/systemd/system/pm2-root.service';
    await machine.must(`env -u USER PM2_HOME=/root/.pm2 /srv/backend/bin/pm2.js startup systemd && grep '^User=root$' ${unit}`);
  });
});
