import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** More connections than this at once are nobody who looks. */
const AT_ONCE = 200;
/** A connection on which nothing moves is closed; a stream says something every few seconds. */
const SILENT_MS = 30_000;
/** Somebody who reloads the page is not to wait for a new process. */
const LINGER_MS = 10_000;
/** A scraper comes again: to start a process for each scrape would cost more than to keep it. */
const LINGER_FOR_SCRAPER_MS = 90_000;

export interface Visitors {
  receive(socket: Socket): void;
  /** A scraper was here: it will come again. */
  noteScraper(): void;
}

/** Those who are connected. `onNobody` is called when the last has been gone for a while, with how many there were in all. */
export function visitorsOf(server: Server, onNobody: (received: number) => void): Visitors {
  const present = new Set<Socket>();
  let received = 0;
  let scraperAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout;
  server.timeout = SILENT_MS;

  function wait(): void {
    clearTimeout(timer);
    const lingerMs = Math.max(LINGER_MS, scraperAt + LINGER_FOR_SCRAPER_MS - performance.now());
    timer = setTimeout(() => {
      if (present.size === 0) onNobody(received);
      wait();
    }, lingerMs);
  }

  wait();
  return {
    receive(socket) {
      received += 1;
      clearTimeout(timer);
      if (present.size >= AT_ONCE) return void socket.destroy();
      present.add(socket);
      socket.once('close', () => {
        present.delete(socket);
        if (present.size === 0) wait();
      });
      // The server was never told to listen: the port is lifeguard's, and so are its connections until here.
      server.emit('connection', socket);
      socket.resume();
    },
    noteScraper() {
      scraperAt = performance.now();
    },
  };
}
