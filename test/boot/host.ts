import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { until } from '../support/poll.ts';
import { type Installed, install, type Way } from './installed.ts';
import { Machine, type Options } from './machine.ts';
import { online } from './online.ts';
import { rootfs } from './rootfs.ts';

/** In the order of their names. */
export const APPS = ['database', 'lifeguard', 'mediaposter-backend'];

/** A slow machine is no failure. */
const DEADLINE_MS = 120_000;
/**
 * For bash: `status PATH` prints the status of an answer; `is200 PATH`. Without a program: dozens of looks at a server that is not there yet
 * would take longer than its start does.
 */
const ASK = `trap '' PIPE
  status() { exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/5555 && printf 'GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' "$1" >&3 &&
    read -r -t 2 _ code _ <&3 && printf '%s\\n' "$code"; }
  is200() { [ "$(status "$1")" = 200 ]; }
`;
/** Said to be online it is before it has looked at anything; its page comes when it watches. Without a connection, which would start the page. */
const LISTENS_ON_PAGE = `grep -q ':${(5556).toString(16).toUpperCase()} 00000000:0000 0A' /proc/net/tcp`;
const PATIENT = { deadlineMs: DEADLINE_MS, everyMs: 100 };

/** A machine with this package as `user` has it, and what is asked of it. */
export class Host {
  readonly here: Installed;
  readonly unit: string;
  readonly machine: Machine;
  readonly scenario = inOrder(() => this.#report());

  constructor(way: Way & Options) {
    this.here = install(way);
    this.unit = `pm2-${way.user}`;
    this.machine = new Machine(rootfs(), this.here.binds, way);
  }

  /** Switched on, and installed. */
  async install(): Promise<void> {
    await this.machine.boot();
    await this.machine.must(this.here.setUp);
  }

  /** The same, and started: it answers. */
  async setUp(): Promise<void> {
    await this.install();
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
    return (await this.machine.run(`${ASK} is200 ${path}`, 10_000)).code === 0;
  }

  /** Seconds from `since`, `performance.now()` of the switch, to the first answer of this status. */
  async answers(path = '/api/health', since = performance.now(), status = 200): Promise<number> {
    await this.machine.on();
    await this.machine.until(`a ${status} of ${path}`, `[ "$(status ${path})" = ${status} ]`, ASK);
    return (performance.now() - since) / 1_000;
  }

  /** By name, `pid@start time` of what PM2 has online; what is not online is left out. */
  running(): Promise<Record<string, string>> {
    return online(this.machine.root(), this.here.pm2Home);
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
  async isSupervised(running: Record<string, string>, unit = this.unit, systemctl = 'systemctl'): Promise<void> {
    const main = (await this.machine.must(`${systemctl} show -P MainPID ${unit}`)).trim();
    assert.equal(Number(main), await this.daemon());
    const pids = Object.values(running).map((one) => one.split('@')[0]);
    assert.ok(pids.length >= APPS.length);
    await this.machine.must(`for pid in ${pids.join(' ')}; do grep -q '/${unit}[.]service' /proc/$pid/cgroup || exit 1; done`);
    const { code, stdout, stderr } = await this.lifeguard('boot', 'status');
    assert.equal(code, 0, stdout + stderr);
  }

  /** Kills the backend, as soon as lifeguard watches: it is back, and lifeguard has taken note. @returns seconds to the next 200 */
  async heals(): Promise<number> {
    await this.machine.until('lifeguard to have its page', LISTENS_ON_PAGE);
    const { length } = (await this.machine.run(this.here.journal)).stdout;
    const pid = await this.pidOf('mediaposter-backend');
    await this.machine.must(`kill -9 ${pid}`);
    const at = performance.now();
    const isBack = async () => {
      await this.answers();
      const seconds = (performance.now() - at) / 1_000;
      return ![0, pid].includes(await this.pidOf('mediaposter-backend')) && seconds;
    };
    const seconds = await until('a new process that answers', isBack, PATIENT);
    await this.machine.until('a new line in the journal', `${this.here.journal} | tail -c +${length + 1} | grep -q crash`);
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
