import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SUITE = 'bookworm';
/** Beside what Debian calls essential: no package manager is among them. */
const PACKAGES = [
  ...['systemd-sysv', 'libnss-systemd', 'procps', 'curl', 'libstdc++6', 'libfaketime'],
  // What a user's own systemd, and lingering without root, need.
  ...['dbus', 'dbus-user-session', 'libpam-systemd', 'polkitd'],
];
/**
 * Taken out of the tree: what finds disks, terminals and the kernel's settings that such a machine has not, at each boot and each
 * `daemon-reload` (the generators: 12 programs each time), or does now what the tree has from its making.
 */
const NEEDLESS = ['usr/share/doc', 'usr/share/man', 'usr/lib/systemd/system-generators'];
const NEEDLESS_UNITS = [
  ...['dev-hugepages.mount', 'systemd-remount-fs.service', 'systemd-tmpfiles-setup-dev.service'],
  ...['systemd-sysctl.service', 'systemd-sysusers.service', 'getty.target'],
  ...['dpkg-db-backup.timer', 'fstrim.timer', 'systemd-tmpfiles-clean.timer'],
];
const TOOLS = { 'systemd-nspawn': 'systemd-container', mmdebstrap: 'mmdebstrap', nsenter: 'util-linux', unshare: 'util-linux' };
const MIRROR = process.env.DEB_MIRROR ?? 'http://deb.debian.org/debian';

/** What this machine lacks for a boot under real systemd, as a sentence that says what to do; null: nothing. */
export function missing(): string | null {
  if (process.getuid?.() !== 0) return 'the boot test needs root';
  const absent = Object.entries(TOOLS).flatMap(([tool, from]) => (installed(tool) ? [] : [from]));
  return absent.length > 0 ? `the boot test needs: apt-get install -y ${[...new Set(absent)].join(' ')}` : null;
}

/** Where Debian's tree is kept between runs: BOOT_TEST_CACHE, else below XDG_CACHE_HOME, else below the temp folder. */
export function cacheFolder(): string {
  return process.env.BOOT_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'pm2-lifeguard-boot');
}

/**
 * Debian's tree with systemd, made once by mmdebstrap (about 50 s) and never changed afterwards. Trees of other package lists are removed.
 * @throws Error with mmdebstrap's last lines.
 */
export function rootfs(): string {
  const cache = cacheFolder();
  const key = createHash('sha256')
    .update(JSON.stringify([SUITE, PACKAGES, NEEDLESS, NEEDLESS_UNITS, 3]))
    .digest('hex')
    .slice(0, 12);
  const tree = join(cache, `rootfs-${key}`);
  if (existsSync(tree)) return tree;

  mkdirSync(cache, { recursive: true });
  for (const old of readdirSync(cache)) if (old.startsWith('rootfs-')) rmSync(join(cache, old), { recursive: true, force: true });
  const fresh = join(cache, `fresh-${process.pid}`);
  try {
    make(fresh);
    renameSync(fresh, tree);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return tree;
}

function make(tree: string): void {
  const how = ['--mode=root', '--variant=essential', '--dpkgopt=force-unsafe-io', '--aptopt=Acquire::Languages "none"'];
  const line = [...how, `--include=${PACKAGES.join(',')}`, SUITE, tree, MIRROR];
  const made = spawnSync('mmdebstrap', line, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (made.status !== 0) throw new Error(`mmdebstrap ${SUITE} from ${MIRROR} failed:\n${tail(made.stdout + made.stderr)}`);

  writeFileSync(join(tree, 'etc/machine-id'), '');
  for (const waste of NEEDLESS) rmSync(join(tree, waste), { recursive: true, force: true });
  for (const unit of NEEDLESS_UNITS) symlinkSync('/dev/null', join(tree, 'etc/systemd/system', unit));
}

function installed(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}
