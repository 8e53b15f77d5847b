import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { until } from '../support/poll.ts';
import { Disk } from './disk.ts';

/** Ends in 133 when systemd inside asks for a reboot (`--keep-unit`): start it again. */
const REBOOT = 133;
/** What cron would give. */
const FRESH = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LANG: 'C.UTF-8',
  TERM: 'dumb',
};

export interface Options {
  /** Control groups of version 2 alone, whatever this machine has. */
  readonly unified?: boolean;
  /**
   * Of the processors, as long as they do not do for all machines: the one with most to do is to end with the others. 1: as much as any
   * session on this machine has. `nice` does nothing here, where each session is scheduled as a whole.
   */
  readonly share?: number;
}

export interface Bind {
  readonly from: string;
  readonly to: string;
}

/**
 * A throw-away Debian with real systemd as its PID 1 (systemd-nspawn): a disk of its own over a tree that is only read, a loopback network of
 * its own. Its files outlive reboots and power cuts, and go with `dispose`.
 */
export class Machine {
  readonly disk: Disk;
  private readonly dir = mkdtempSync(join(tmpdir(), 'lifeguard-boot-'));
  private readonly cgroups: string[];
  private readonly cpu: readonly string[];
  private readonly binds: readonly Bind[];
  private readonly unified: boolean;
  private nspawn: ChildProcess | null = null;
  private readonly atExit = () => this.disposeNow();

  constructor(lower: string, binds: readonly Bind[], { unified = false, share = 1 }: Options = {}) {
    this.unified = unified;
    this.binds = binds;
    this.disk = new Disk(this.dir, lower);
    this.cgroups = makeCgroups(basename(this.dir));
    this.cpu = makeShare(basename(this.dir), share);
    process.once('exit', this.atExit);
  }

  /** Switches it on. Resolves when systemd says that the boot is done; `performance.now()` of the switch is returned. */
  async boot(): Promise<number> {
    const at = this.switchOn();
    await this.booted();
    return at;
  }

  /** Switches it on and does not wait for anything. */
  switchOn(): number {
    const joined = [...this.cgroups, ...this.cpu].map((group) => `echo $$ >${group}/cgroup.procs || true`).join('; ');
    const name = basename(this.dir).toLowerCase();
    const nspawn = ['systemd-nspawn', '-q', '-D', this.disk.root, '-M', name, '-b', ...NSPAWN_OPTIONS];
    const binds = this.binds.map(({ from, to }) => `--bind-ro=${from}:${to}`);
    const inside = `mount -t tmpfs tmpfs /run\n${this.disk.mount}\nexec "$@"`;
    const log = openSync(join(this.dir, 'console.log'), 'a');
    const at = performance.now();
    const line = ['-c', `${joined}; exec unshare -m -- "$@"`, 'sh', 'sh', '-ec', inside, 'sh', ...nspawn, ...binds];
    const env = { ...process.env, ...(this.unified ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } : {}) };
    this.nspawn = spawn('sh', line, { stdio: ['ignore', log, log], env });
    closeSync(log);
    return at;
  }

  /** It has got as far as to start programs. */
  async on(): Promise<void> {
    const isOn = async () => (await this.run('[ -d /run/systemd/system ]')).code === 0;
    await until(`the machine to be on\n${this.console()}`, isOn, { deadlineMs: 60_000 });
  }

  async booted(): Promise<void> {
    await until(
      `the machine to boot\n${this.console()}`,
      async () => /^(running|degraded)$/.test((await this.run('systemctl is-system-running --wait')).stdout.trim()),
      { deadlineMs: 120_000, everyMs: 100 },
    );
  }

  /** Its tree as those inside see it. @throws Error when it is off */
  root(): string {
    const leader = this.leader();
    if (leader === null) throw new Error('the machine is off');
    return `/proc/${leader}/root`;
  }

  /** Runs a bash script inside, as root with a fresh environment, as cron would: nobody is logged in. */
  run(script: string, deadlineMs = 120_000): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const leader = this.leader();
      if (leader === null) return resolve({ code: 125, stdout: '', stderr: 'the machine is off' });
      const line = ['-t', String(leader), '-m', '-u', '-i', '-n', '-p', '-C', '--', '/bin/bash', '-c', `cd\n${script}`];
      const joined = this.cpu.map((group) => `echo $$ >${group}/cgroup.procs; `);
      const inside = spawn('/bin/sh', ['-c', `${joined.join('')}exec nsenter "$@"`, 'sh', ...line], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: FRESH,
      });
      const said = { stdout: '', stderr: '' };
      inside.stdout.setEncoding('utf8').on('data', (text: string) => {
        said.stdout += text;
      });
      inside.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.stderr += text;
      });
      const timer = setTimeout(() => inside.kill('SIGKILL'), deadlineMs);
      inside.once('error', reject);
      inside.once('exit', (code) => {
        clearTimeout(timer);
        setTimeout(() => resolve({ code, ...said }), 20); // a daemon that it left behind may hold the pipes open
      });
    });
  }

  /** @throws Error with what the script said when it does not end in 0. */
  async must(script: string, deadlineMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, deadlineMs);
    if (code !== 0) throw new Error(`ended in ${code}: ${script}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /**
   * Asks again inside, each 0.1 s, until this script ends in 0: a look from here is dearer than most answers.
   * @param before what the script needs, once
   * @throws Error after two minutes
   */
  async until(what: string, script: string, before = ''): Promise<void> {
    const { code, stderr } = await this.run(
      `${before}\nexec 9<> <(:)\nuntil { ${script}\n}; do read -r -t 0.1 -u 9 || :; done >/dev/null`,
    );
    if (code !== 0) throw new Error(`waited for: ${what}\n${script}\n${stderr}\n${this.console()}`);
  }

  async write(path: string, text: string): Promise<void> {
    await this.must(`cat >${path} <<'END OF FILE'\n${text}END OF FILE`);
  }

  /** An orderly reboot up to the moment where it is off. */
  async shutDown(): Promise<void> {
    await this.run('systemctl reboot --no-block');
    const code = await this.off(100_000);
    if (code !== REBOOT) throw new Error(`ended in ${code} instead of asking for a reboot\n${this.console()}`);
  }

  /** Pulls the plug: what was not written to the disk is lost, and everything inside gets SIGKILL. */
  async powerCut(): Promise<void> {
    if (this.nspawn?.pid !== undefined && this.leader() !== null) this.disk.lose(this.nspawn.pid);
    await this.kill();
  }

  console(): string {
    return readFileSync(join(this.dir, 'console.log'), { encoding: 'utf8', flag: 'a+' }).split('\n').slice(-20).join('\n');
  }

  async dispose(): Promise<void> {
    await this.kill();
    this.disposeNow();
    process.removeListener('exit', this.atExit);
  }

  private async kill(): Promise<void> {
    const leader = this.leader();
    if (leader !== null) process.kill(leader, 'SIGKILL');
    await this.off(60_000);
  }

  private disposeNow(): void {
    const leader = this.leader();
    if (leader !== null) process.kill(leader, 'SIGKILL');
    this.nspawn?.kill('SIGKILL');
    for (const group of [...this.cgroups, ...this.cpu]) removeCgroup(group);
    rmSync(this.dir, { recursive: true, force: true });
    this.disk.dispose();
  }

  private async off(deadlineMs: number): Promise<number | null> {
    const nspawn = this.nspawn;
    if (nspawn === null) return null;
    await until('the machine to be off', () => nspawn.exitCode !== null || nspawn.signalCode !== null, { deadlineMs });
    await until('its disk to be free', () => this.disk.isFree(), { deadlineMs });
    this.nspawn = null;
    return nspawn.exitCode;
  }

  /** The pid, outside, of systemd inside. */
  private leader(): number | null {
    try {
      const of = `/proc/${this.nspawn?.pid}/task/${this.nspawn?.pid}/children`;
      const children = readFileSync(of, 'utf8').trim().split(' ').map(Number);
      return children.find((pid) => pid > 0 && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd') ?? null;
    } catch {
      return null;
    }
  }
}

/** A group of the scheduler's, by version 1, below the one that this process is in. None where that is not there: then all go alike. */
function makeShare(name: string, share: number): string[] {
  const own = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  const group = join('/sys/fs/cgroup/cpu', own ?? '', name);
  if (own === undefined || !existsSync(join(dirname(group), 'cpu.shares'))) return [];
  mkdirSync(group);
  writeFileSync(join(group, 'cpu.shares'), String(1024 * share));
  return [group];
}

export const NSPAWN_OPTIONS = [
  '--register=no',
  '--keep-unit',
  '--private-network',
  '--resolv-conf=off',
  '--timezone=off',
  '--link-journal=no',
  '--console=pipe',
  '--kill-signal=SIGRTMIN+3',
];

/** A group of its own in every tree that systemd uses, v1, hybrid or v2. */
function makeCgroups(name: string): string[] {
  const trees = ['systemd', 'unified', 'memory'].map((tree) => `/sys/fs/cgroup/${tree}`);
  const usable = trees.filter((tree) => existsSync(`${tree}/cgroup.procs`));
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) usable.push('/sys/fs/cgroup');
  return usable.map((tree) => {
    mkdirSync(`${tree}/${name}`, { recursive: true });
    return `${tree}/${name}`;
  });
}

function removeCgroup(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory()) removeCgroup(join(group, entry.name));
    rmdirSync(group);
  } catch {
    // still busy: the kernel removes nothing that is in use
  }
}
