import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';

/** A listening TCP socket. Connections are none: only a listener keeps a port from being bound. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
  /** The user who opened it. */
  readonly uid: number;
}

const LISTEN = '0A';
/** A line of any other state but LISTEN and, in kernels before 4.4 among the listeners, SYN_RECV. */
const CONNECTION = /^ *\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} (?!0A|03)/m;
const PIECE_BYTES = 16 * 1024;
/** Looking through every process's descriptors is cut into pieces of this length, so that no health check waits for it. */
const PIECE_MS = 10;

/** Those of the port, IPv4 and IPv6, on any address. null where it can't be told (not Linux). */
export function listeningSockets(port: number): ListeningSocket[] | null {
  if (process.platform !== 'linux') return null;
  return ['tcp', 'tcp6'].flatMap((family) => {
    try {
      return parseListeners(headOf(`/proc/net/${family}`)).filter((socket) => socket.port === port);
    } catch {
      return []; // No IPv6 in this kernel.
    }
  });
}

/** The listeners in a table such as /proc/net/tcp, see proc(5). */
export function parseListeners(table: string): ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/);
    if (state !== LISTEN) return [];
    return { port: Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16), inode, uid: Number(uid) };
  });
}

/**
 * The table's beginning, up to its first connection: the kernel lists all listeners before all connections, of which a busy
 * machine has tens of thousands (40,000 closed ones take 40 ms to read).
 */
function headOf(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let text = '';
    for (;;) {
      const length = readSync(descriptor, piece);
      text += piece.toString('latin1', 0, length);
      if (length === 0 || CONNECTION.test(text.slice(-2 * PIECE_BYTES))) return text;
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Which of the processes have one of the sockets open, among `first`, and only when none of those has, among all others.
 * Processes of other users stay unseen unless this is root.
 */
export async function holdersOf(sockets: readonly ListeningSocket[], first: readonly number[] = []): Promise<number[]> {
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  const known = first.filter((pid) => hasOpen(pid, links));
  if (known.length > 0) return known;
  const holders: number[] = [];
  let pieceBegan = performance.now();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && hasOpen(pid, links)) holders.push(pid);
    if (performance.now() - pieceBegan < PIECE_MS) continue;
    await breathe();
    pieceBegan = performance.now();
  }
  return holders;
}

function hasOpen(pid: number, links: ReadonlySet<string>): boolean {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return false;
  }
  return descriptors.some((descriptor) => {
    try {
      return links.has(readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    } catch {
      return false;
    }
  });
}
