import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Listeners } from '../host.ts';

/** A listening TCP socket. Connections are none: only a listener keeps a port from being bound. */
export interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
  /** The user who opened it. */
  readonly uid: number;
  /** Connections in its accept queue. */
  readonly waiting: number;
}

const LISTEN = '0A';
/** A line of any other state but LISTEN and, in kernels before 4.4 among the listeners, SYN_RECV. */
const CONNECTION = /^ *\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} (?!0A|03)/m;
const PIECE_BYTES = 16 * 1024;
/** Looking through every process's descriptors is cut into pieces of this length, so that no health check waits for it. */
const PIECE_MS = 10;

/** See Host.listenersOn. Processes of other users stay unseen unless this is root. */
export async function listenersOn(port: number, first: readonly number[]): Promise<Listeners | null> {
  const sockets = listeningSockets().filter((socket) => socket.port === port);
  const [socket] = sockets;
  return socket === undefined ? null : { pids: await holdersOf(sockets, first), uid: socket.uid };
}

/** See Host.listeningPortsOf. */
export function listeningPortsOf(pids: readonly number[]): number[] {
  const ports = new Map(listeningSockets().map(({ inode, port }) => [`socket:[${inode}]`, port]));
  const open = pids.flatMap(linksOf);
  return [...new Set(open.flatMap((link) => ports.get(link) ?? []))].sort((a, b) => a - b);
}

/** All of this machine, as far as this network namespace goes. */
export function listeningSockets(): ListeningSocket[] {
  return ['tcp', 'tcp6'].flatMap((family) => {
    try {
      return parseListeners(headOf(`/proc/net/${family}`));
    } catch {
      return []; // No IPv6 in this kernel.
    }
  });
}

/** The listeners in a table such as /proc/net/tcp, see proc(5). */
export function parseListeners(table: string): ListeningSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', , state, queues = '', , , uid, , inode = ''] = line.trim().split(/\s+/);
    if (state !== LISTEN) return [];
    // Of a listener the kernel puts the length of its accept queue where a connection has its unread bytes.
    const waiting = Number.parseInt(queues.slice(queues.indexOf(':') + 1), 16);
    return { port: Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16), inode, uid: Number(uid), waiting };
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

/** Which of the processes have one of the sockets open, among `first`, and only when none of those has, among all others. */
async function holdersOf(sockets: readonly ListeningSocket[], first: readonly number[]): Promise<number[]> {
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  const hasOpen = (pid: number) => linksOf(pid).some((link) => links.has(link));
  const known = first.filter(hasOpen);
  if (known.length > 0) return known;
  const holders: number[] = [];
  let pieceBegan = performance.now();
  for (const pid of readdirSync('/proc').map(Number)) {
    if (Number.isInteger(pid) && hasOpen(pid)) holders.push(pid);
    if (performance.now() - pieceBegan < PIECE_MS) continue;
    await breathe();
    pieceBegan = performance.now();
  }
  return holders;
}

/** What each of its descriptors leads to; [] for a process that may not be looked into. */
export function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return [];
  }
}

function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
