// `lifeguard boot` under a real systemd: the running daemon becomes systemd's without a restart, and comes back whatever happens.
// As an ordinary user with the line that root has to run; as root over the unit that `pm2 startup` writes.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../support/poll.ts';
import { type Installed, install } from './installed.ts';
import { Machine } from './machine.ts';
import { missing, rootfs } from './rootfs.ts';

const lacks = missing();
if (lacks !== null) throw new Error(lacks);

const APPS = ['database', 'lifeguard', 'mediaposter-backend'];
const ASK = 'curl -sf -m 2 -o /dev/null http://127.0.0.1:5555/api/health';

/** A machine with this package as `user` has it, and what is asked of it. */
class Host {
  readonly here: Installed;
  readonly unit: string;
  readonly #machine: Machine;

  constructor(user: string) {
    this.here = install({ user, pm2: 'bin/pm2.js', node: process.execPath });
    this.unit = `pm2-${user}`;
    this.#machine = new Machine(rootfs(), this.here.binds);
  }

  get machine(): Machine {
    return this.#machine;
  }

  async setUp(): Promise<void> {
    await this.machine.boot();
    await this.machine.must(this.here.setUp);
    await this.machine.must(this.here.start);
    await this.answers();
  }

  lifeguard(...args: string[]) {
    return this.machine.run(this.here.lifeguard(args.join(' ')));
  }

  async answers(): Promise<number> {
    const since = performance.now();
    await until('the first 200', async () => (await this.machine.run(ASK)).code === 0, { deadlineMs: 60_000 });
    return (performance.now() - since) / 1_000;
  }

  /** By name, `pid@start time` of what PM2 has online; what is not online is left out. */
  async running(): Promise<Record<string, string>> {
    const said = await this.machine.must(this.here.list);
    const listed = JSON.parse(said.slice(said.indexOf('['))) as { name: string; pid: number; pm2_env: { status: string } }[];
    const online = listed.filter(({ pm2_env }) => pm2_env.status === 'online');
    const starts = await this.machine.must(
      `for p in ${online.map(({ pid }) => pid).join(' ')}; do cut -d' ' -f22 /proc/$p/stat; done`,
    );
    const times = starts.trim().split('\n');
    return Object.fromEntries(online.map(({ name, pid }, at) => [name, `${pid}@${times[at]}`]));
  }

  allBack(): Promise<Record<string, string>> {
    return until(
      'all three apps online',
      async () => {
        const found = await this.running();
        return APPS.every((name) => found[name]) && found;
      },
      { deadlineMs: 60_000, everyMs: 200 },
    );
  }

  async daemon(): Promise<number> {
    return Number((await this.machine.must(this.here.daemonPid)).trim());
  }

  /** systemd looks after the daemon that runs, and all three apps are in its group. */
  async isSupervised(): Promise<void> {
    const main = (await this.machine.must(`systemctl show -P MainPID ${this.unit}`)).trim();
    assert.equal(Number(main), await this.daemon());
    for (const one of Object.values(await this.running()))
      assert.match(await this.machine.must(`cat /proc/${one.split('@')[0]}/cgroup`), new RegExp(`/${this.unit}\\.service`));
    const { code, stdout, stderr } = await this.lifeguard('boot', 'status');
    assert.equal(code, 0, stdout + stderr);
  }
}

describe('an ordinary user', { timeout: 900_000 }, () => {
  let host: Host;
  before(async () => {
    host = new Host('deploy');
    await host.setUp();
    // As nvm has it: a Node that will be gone after an upgrade.
    await host.machine.must(
      `runuser -u deploy -- sh -c 'mkdir -p ~/.nvm/versions/node/v1/bin && cp /usr/local/bin/node ~/.nvm/versions/node/v1/bin/'`,
    );
  });
  after(() => host?.machine.dispose());

  it('is told what is to be done, then the line for root; the daemon is handed over, and nothing is restarted', async () => {
    assert.match(
      (await host.lifeguard('boot', 'status')).stdout,
      /there is no pm2-deploy\.service: nothing starts with the machine/,
    );
    const was = await host.running();
    const { code, stdout } = await host.machine.run(
      host.here.lifeguard('boot install').replace('/usr/local/bin/node', '/home/deploy/.nvm/versions/node/v1/bin/node'),
    );
    assert.equal(code, 1);
    assert.match(stdout, /^A boot brings back: .*mediaposter-backend/m);
    const line = /^ {2}sudo (env .*)$/m.exec(stdout)?.[1];
    assert.ok(line, stdout);
    const said = await host.machine.must(line);
    assert.match(said, /systemd looks after PM2's daemon now \(pid \d+\)\. Nothing was restarted/);
    assert.deepEqual(await host.running(), was);
    await host.isSupervised();
    await host.machine.must(`systemd-analyze verify ${host.unit}.service`);
  });

  it('a daemon killed ten times, as soon as there is another one: after the last all is back', async (t) => {
    const since = performance.now();
    for (let time = 0; time < 10; time++) {
      const daemon = await host.daemon();
      await host.machine.must(`kill -9 ${daemon}`);
      await until('another daemon', async () => (await host.daemon().catch(() => daemon)) !== daemon, { deadlineMs: 60_000 });
    }
    await host.answers();
    t.diagnostic(`all ten, and the first 200 after the last: ${((performance.now() - since) / 1_000).toFixed(1)} s`);
    await host.allBack();
    await host.isSupervised();
  });

  it('a reboot', async (t) => {
    await host.machine.shutDown();
    host.machine.switchOn();
    t.diagnostic(`${(await host.answers()).toFixed(1)} s from the switch to the first 200`);
    await host.allBack();
    await host.isSupervised();
  });

  it('a power cut, and the Node of the unit gone: another one is used, and it is said', async (t) => {
    await host.machine.must('rm -r /home/deploy/.nvm/versions/node/v1');
    await host.machine.powerCut();
    host.machine.switchOn();
    t.diagnostic(`${(await host.answers()).toFixed(1)} s from the switch to the first 200`);
    await host.allBack();
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 1);
    assert.match(stdout, /v1\/bin\/node is gone: another Node is used at a boot\n {2}sudo env /);
    await host.machine.must(/^ {2}sudo (env .*)$/m.exec(stdout)?.[1] ?? 'false');
    await host.isSupervised();
  });

  it('pm2 update takes nothing down; the unit takes the new daemon over', async () => {
    await host.machine.must(host.here.as('/srv/backend/node_modules/pm2/bin/pm2 update'));
    await host.answers();
    const was = await host.allBack();
    const { code, stdout } = await host.lifeguard('boot', 'status');
    assert.equal(code, 1);
    assert.match(stdout, /PM2's daemon runs outside of pm2-deploy\.service/);
    await host.machine.must(/^ {2}sudo (env .*)$/m.exec(stdout)?.[1] ?? 'false');
    assert.deepEqual(await host.running(), was);
    await host.isSupervised();
  });

  it('only its own entries of the saved list are written, and a stale list is found', async () => {
    await host.machine.must(host.here.as('/srv/backend/node_modules/pm2/bin/pm2 start --name other sleep -- 1000'));
    await host.lifeguard('boot', 'install');
    const saved = JSON.parse(await host.machine.must('cat /home/deploy/.pm2/dump.pm2')) as { name: string }[];
    assert.deepEqual(saved.map(({ name }) => name).sort(), APPS);
    await host.machine.must(`sed -i 's/"name": "mediaposter-backend"/"name": "was-here"/' /home/deploy/.pm2/dump.pm2`);
    assert.match((await host.lifeguard('boot', 'status')).stdout, /saved list is not what runs: .*mediaposter-backend/);
    await host.lifeguard('boot', 'install');
    assert.equal((await host.lifeguard('boot', 'status')).code, 0);
  });

  it('removed, the unit is gone and what runs goes on', async () => {
    const was = await host.running();
    await host.machine.must(host.here.lifeguardAsRoot('boot remove --user deploy'));
    assert.deepEqual(await host.running(), was);
    assert.match((await host.lifeguard('boot', 'status')).stdout, /there is no pm2-deploy\.service|is not enabled/);
    await host.machine.shutDown();
    await host.machine.boot();
    assert.notEqual((await host.machine.run(ASK)).code, 0);
  });
});

describe('root, over the unit that pm2 startup writes', { timeout: 900_000 }, () => {
  let host: Host;
  before(async () => {
    host = new Host('root');
    await host.setUp();
  });
  after(() => host?.machine.dispose());

  it("pm2's own unit gives up for good after five failed starts; with ours over it, it tries until the cause is gone", async () => {
    const { machine, here, unit } = host;
    const state = async () => (await machine.run(`systemctl is-active ${unit}`)).stdout.trim();
    await machine.must(here.startup);
    await machine.must(here.save);
    const folder = `/etc/systemd/system/${unit}.service.d`;
    await machine.must(
      `mkdir -p ${folder} && printf '[Service]\\nExecStartPre=/bin/test -e /root/there\\n' >${folder}/gate.conf`,
    );
    await machine.must(`systemctl daemon-reload && ${here.as('/srv/backend/bin/pm2.js kill')}`);
    await machine.run(`systemctl start ${unit}`);
    await until('it to have given up', async () => (await state()) === 'failed', { deadlineMs: 60_000 });

    await machine.must(`touch /root/there && systemctl reset-failed ${unit}`);
    await machine.must(here.start);
    await host.answers();
    const was = await host.allBack();
    assert.match((await host.lifeguard('boot', 'status')).stdout, /is the one of pm2 startup/);
    assert.match(await machine.must(here.lifeguard('boot install')), /Nothing was restarted/);
    assert.deepEqual(await host.running(), was);
    await host.isSupervised();

    await machine.must(`rm /root/there && systemctl kill -s KILL ${unit}`);
    const tries = async () => Number((await machine.must(`systemctl show -P NRestarts ${unit}`)).trim());
    await until('eight tries', async () => (await tries()) >= 8, { deadlineMs: 120_000 });
    await machine.must('touch /root/there');
    await host.answers();
    await host.allBack();
    await host.isSupervised();
  });

  it('removed, it is as pm2 startup wrote it', async () => {
    assert.match(await host.machine.must(host.here.lifeguard('boot remove')), /is again as pm2 startup wrote it/);
    assert.match(await host.machine.must(`systemctl cat ${host.unit}`), /ExecStop=.*pm2.* kill/);
  });
});
