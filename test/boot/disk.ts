import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine's own: Node, a copy of this package, PostgreSQL's data. The file has holes, it takes what is written: some 400 MB. */
const BYTES = 1_500 * 2 ** 20;

/** The file lies in memory where there is enough: a disk that is quick with what has to be on it. */
const MEMORY = '/dev/shm';
const ENOUGH = 4 * 2 ** 30;

/** EXT4_IOC_SHUTDOWN, and its flag that leaves the journal as it is on the disk. */
const SHUTDOWN = 0x80_04_58_7d;
const NO_LOG_FLUSH = 2;

/**
 * The disk of a machine: a file system of its own, in a file, laid over Debian's tree. It is mounted only where the machine's processes see
 * it, so nothing of it is left when they are gone. Where this machine has no loop devices it is a folder: then a power cut loses nothing.
 */
export class Disk {
  readonly #folder: string;
  readonly #lower: string;
  readonly #imageFolder = mkdtempSync(join(hasEnough() ? MEMORY : tmpdir(), 'lifeguard-disk-'));
  /** It is a file system of its own: it can be full, and loses what was not written out. */
  readonly isOwn: boolean;

  constructor(folder: string, lower: string) {
    this.#folder = folder;
    this.#lower = lower;
    for (const part of ['disk', 'root']) mkdirSync(join(folder, part));
    writeFileSync(this.#image, '');
    truncateSync(this.#image, BYTES);
    const made = spawnSync('mkfs.ext4', ['-q', '-m', '0', this.#image]).status === 0;
    this.isOwn = made && spawnSync('unshare', ['-m', 'mount', '-o', 'loop', this.#image, this.#mounted]).status === 0;
  }

  /** Where the machine's tree is, for those who have run {@link mount}. */
  get root(): string {
    return join(this.#folder, 'root');
  }

  /** Lines of shell, for a mount namespace of its own. */
  get mount(): string {
    const [up, work] = [join(this.#mounted, 'up'), join(this.#mounted, 'work')];
    return `${this.isOwn ? `mount -o loop ${this.#image} ${this.#mounted}\n` : ''}mkdir -p ${up} ${work}
      mount -t overlay overlay -o lowerdir=${this.#lower},upperdir=${up},workdir=${work} ${this.root}`;
  }

  /** The power goes: from now on nothing is written any more, and what the kernel had not written yet is lost. @param pid one that sees it */
  lose(pid: number): void {
    if (!this.isOwn) return;
    const call = `open(my $disk, "<", $ARGV[0]) or die $!; my $how = pack("L", ${NO_LOG_FLUSH}); ioctl($disk, ${SHUTDOWN}, $how) or die $!`;
    const { status, stderr } = spawnSync('perl', ['-e', call, `/proc/${pid}/root${this.#mounted}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the disk could not be cut off: ${stderr}`);
  }

  /** Nobody has it mounted any more: the kernel lets go of it some moments after the last process has ended. */
  isFree(): boolean {
    const devices = existsSync('/sys/block') ? readdirSync('/sys/block').filter((name) => name.startsWith('loop')) : [];
    return !devices.some((name) => backingFile(name) === this.#image);
  }

  dispose(): void {
    rmSync(this.#imageFolder, { recursive: true, force: true });
  }

  get #image(): string {
    return join(this.#imageFolder, 'disk.ext4');
  }

  get #mounted(): string {
    return join(this.#folder, 'disk');
  }
}

function hasEnough(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ENOUGH;
}

function backingFile(device: string): string | null {
  try {
    return readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').trim();
  } catch {
    return null;
  }
}
