import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, NSPAWN_OPTIONS } from './machine.ts';
import { cacheFolder, missing, rootfs } from './rootfs.ts';

/** What needs no tree of its own is tried first: a machine that cannot says so in seconds. */
const TRIAL_MS = 30_000;

/** Whether this machine can boot another one under a real systemd: at last it does it, once since its own boot. null: it can; else why not, as a sentence. */
export async function whyNotAble(): Promise<string | null> {
  const lacks = missing() ?? refusal();
  if (lacks !== null) return lacks;
  try {
    const tree = rootfs();
    const done = join(cacheFolder(), 'able');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    if (existsSync(done) && readFileSync(done, 'utf8') === boot) return null;
    const machine = new Machine(tree, []);
    try {
      await machine.boot();
      await machine.must('systemctl show -P Version');
      writeFileSync(done, boot);
    } finally {
      await machine.dispose();
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Namespaces, mounts and systemd-nspawn, on this machine's own /usr. null: all of that may be had. */
function refusal(): string | null {
  const nspawn = ['systemd-nspawn', '-q', '-D', '/', '--volatile=yes', ...NSPAWN_OPTIONS, '/usr/bin/true'];
  const line = ['-m', '--', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh', ...nspawn];
  const { status, signal, error, stderr } = spawnSync('unshare', line, { encoding: 'utf8', timeout: TRIAL_MS });
  if (status === 0) return null;
  return `systemd-nspawn ended with ${status ?? signal}: ${error?.message ?? stderr.trim()}`;
}
