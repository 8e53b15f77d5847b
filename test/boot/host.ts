import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { until } from '../support/poll.ts';
import { type Installed, install } from './installed.ts';
import { Machine } from './machine.ts';
import { rootfs } from './rootfs.ts';

/** In the order of their names. */
export const APPS = ['database', 'lifeguard', 'mediaposter-backend'];
export const AT = 'http://127.0.0.1:5555';
/** A slow machine is no failure. */
const DEADLINE_MS = 120_000;
const PATIENT = { deadlineMs: DEADLINE_MS, everyMs: 100 };

/** A machine with this package as `user` has it, and what is asked of it. */
export class Host {
  readonly here: Installed;
  readonly unit: string;
  readonly machine: Machine;
  readonly scenario = inOrder(() => this.#report());

  /** @param way `user`: who runs it; `pm2`: by which program, from the folder; `node`: this machine's file; `unified`: as {@link Machine} */
  constructor(way: { readonly user: string; readonly pm2: string; readonly node: string; readonly unified?: boolean }) {
    this.here = install(way);
    this.unit = `pm2-${way.user}`;
    this.machine = new Machine(rootfs(), this.here.binds, way.unified);
  }

  /** Switched on, installed and started: it answers. */
  async setUp(): Promise<void> {
    await this.machine.boot();
    await this.machine.must(this.here.setUp);
    await this.machine.must(this.here.start);
    await this.answers();
  }

  /** What there is to be seen after a failure. */
  async #report(): Promise<string> {
    const logs = `${this.here.folder}/logs/*.log ${this.here.daemonPid.replace('cat ', '').replace('.pid', '.log')}`;
    const looks = [`systemctl status --no-pager ${this.unit}`, 'ps axf', this.here.list, `tail -n 12 ${logs}`];
    const said = await this.machine.run(looks.join('; '), 30_000);
    return `${said.stdout}\n${said.stderr}\n${this.machine.console()}`;
  }

  lifeguard(...args: string[]) {
    return this.machine.run(this.here.lifeguard(args.join(' ')));
  }

  /** Whether this path is answered with 200 just now. */
  async is200(path = '/api/health'): Promise<boolean> {
    return (await this.machine.run(`curl -sf -m 2 -o /dev/null ${AT}${path}`, 10_000)).code === 0;
  }

  /** Seconds from `since`, `performance.now()` of the switch, to the first 200. */
  async answers(path = '/api/health', since = performance.now()): Promise<number> {
    // Asked again from inside: a look from here is dearer than the answer. It fails as long as the machine is not on.
    const asked = `until curl -sf -m 2 -o /dev/null ${AT}${path}; do sleep 0.1; done`;
    const isThere = async () => (await this.machine.run(asked, DEADLINE_MS)).code === 0;
    await until(`the first 200 of ${path}\n${this.machine.console()}`, isThere, PATIENT);
    return (performance.now() - since) / 1_000;
  }

  /** By name, `pid@start time` of what PM2 has online; what is not online is left out. */
  async running(): Promise<Record<string, string>> {
    const lines = (await this.machine.must(this.here.running)).split('\n').filter((line) => line !== '');
    return Object.fromEntries(lines.map((line) => line.split(' ')).map(([name, pid, at]) => [name, `${pid}@${at}`]));
  }

  /** All three apps online, with nobody logged in. */
  async allBack(): Promise<Record<string, string>> {
    assert.equal((await this.machine.must('who')).trim(), '', 'nobody is logged in');
    const all = async () => {
      const found = await this.running();
      return APPS.every((name) => found[name]) && found;
    };
    return until('all three apps online', all, PATIENT);
  }

  async pidOf(name: string): Promise<number> {
    return Number((await this.running())[name]?.split('@')[0] ?? 0);
  }

  async daemon(): Promise<number> {
    return Number((await this.machine.must(this.here.daemonPid)).trim());
  }

  /** systemd looks after the daemon that runs, and all three apps are in its group. */
  async isSupervised(unit = this.unit, systemctl = 'systemctl'): Promise<void> {
    const main = (await this.machine.must(`${systemctl} show -P MainPID ${unit}`)).trim();
    assert.equal(Number(main), await this.daemon());
    const pids = Object.values(await this.running()).map((one) => one.split('@')[0]);
    await this.machine.must(`for pid in ${pids.join(' ')}; do grep -q '/${unit}[.]service' /proc/$pid/cgroup || exit 1; done`);
    const { code, stdout, stderr } = await this.lifeguard('boot', 'status');
    assert.equal(code, 0, stdout + stderr);
  }

  /** Kills the backend: it is back, and lifeguard has taken note, so it watches. @returns seconds to the next 200 */
  async heals(): Promise<number> {
    const before = (await this.machine.run(this.here.journal)).stdout;
    const pid = await this.pidOf('mediaposter-backend');
    await this.machine.must(`kill -9 ${pid}`);
    const at = performance.now();
    const isBack = async () => (await this.is200()) && ![0, pid].includes(await this.pidOf('mediaposter-backend'));
    await until('a new process that answers', isBack, PATIENT);
    const seconds = (performance.now() - at) / 1_000;
    const isNoted = async () => (await this.machine.run(this.here.journal)).stdout.slice(before.length).includes('crash');
    await until('a new line in the journal', isNoted, PATIENT);
    return seconds;
  }
}

/** Scenarios on one machine, in their order: after a failure the others would tell nothing, and are not tried. */
export function inOrder(report = async () => ''): (name: string, body: (t: TestContext) => Promise<void>) => void {
  let failed: string | null = null;
  return (name, body) => {
    it(name, async (t) => {
      if (failed !== null) throw new Error(`not tried, as this failed before: ${failed}`);
      failed = name;
      await body(t).catch(async (error: unknown) => {
        t.diagnostic(await report());
        throw error;
      });
      failed = null;
    });
  };
}

/** For the report of a run: `first 200 after …`. */
export function tell(t: TestContext, what: string, seconds: number): void {
  t.diagnostic(`${what}: ${seconds.toFixed(1)} s`);
}
