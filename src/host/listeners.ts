import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';

/** A listening TCP socket. Connections are none: only a listener keeps a port from being bound. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
  /** The user who opened it. */
  readonly uid: number;
}

const LISTEN = '0A';
/** Looking through every process's descriptors is cut into pieces of this length, so that no health check waits for it. */
const PIECE_MS = 10;

/** Those of the port, IPv4 and IPv6, on any address. null where it can't be told (not Linux). */
export function listeningSockets(port: number): ListeningSocket[] | null {
  if (process.platform !== 'linux') return null;
  return ['tcp', 'tcp6'].flatMap((family) => {
    try {
      return parseListeners(readFileSync(`/proc/net/${family}`, 'latin1')).filter((socket) => socket.port === port);
    } catch {
      return []; // No IPv6 in this kernel.
    }
  });
}

/** The listeners in a table such as /proc/net/tcp, see proc(5). */
export function parseListeners(table: string): ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const field = line.trim().split(/\s+/);
    const [, address = '', , state, , , , uid, , inode = ''] = field;
    if (state !== LISTEN) return [];
    return { port: Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16), inode, uid: Number(uid) };
  });
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
