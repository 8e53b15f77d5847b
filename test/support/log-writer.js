// Writes numbered, checksummed lines to stdout: RATE a second, SECONDS long at most, or until the file DONE.stop is there, one write a line. Then
// says how many it wrote, and in how many ms, in the file DONE.writer, and idles. With PORT it answers every request with the number of lines so far.
// A line: writer number, line number, checksum of what stands before it, filler.
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const writer = process.env.NODE_APP_INSTANCE ?? '0';
const rate = Number(process.env.RATE);
const limitMs = Number(process.env.SECONDS) * 1000;
const total = Math.round((rate * limitMs) / 1000);
/** After which another tick gets its turn, however much is due: what cannot be followed is not caught up with. */
const TICK_MS = 50;
const filler = 'GET /api/posts?page=2 200 12ms request-id=5f2c';

let written = 0;
let startedAt = 0;

/** FNV-1a, 32 bits. */
function checksum(text) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

function tick() {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) * rate) / 1000));
  const until = performance.now() + TICK_MS;
  while (written < due && performance.now() < until) {
    const head = `w${writer} ${written++}`;
    process.stdout.write(`${head} ${checksum(head)} ${filler}\n`);
  }
  if (written < total && !stopped && performance.now() - startedAt < limitMs) setTimeout(tick, 1);
  else
    process.stdout.write('', () => writeFileSync(`${process.env.DONE}.${writer}`, `${written} ${performance.now() - startedAt}`));
}

let stopped = false;
setInterval(() => {
  stopped ||= existsSync(`${process.env.DONE}.stop`);
}, 50).unref();

if (process.env.PORT)
  createServer((_request, response) => response.end(String(written))).listen(Number(process.env.PORT), '127.0.0.1');

// Keeps a fork-mode process alive after its last line; a cluster worker has its IPC channel.
setInterval(() => undefined, 1_000_000);
setTimeout(() => {
  startedAt = performance.now();
  tick();
}, 500);
