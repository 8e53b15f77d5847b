import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

export interface Tally {
  readonly lost: number;
  readonly duplicated: number;
  /** Lines that are neither a whole line of a writer nor one of PM2's own. */
  readonly torn: number;
  readonly found: number;
  /** Number of the first and the last line that is lost, of any writer; null: none. */
  readonly lostBetween: readonly [number, number] | null;
  readonly files: number;
}

/** PM2's own words in a cluster worker's log, and the blank line that stands for the moved end of a cut one. */
const NOT_A_WRITERS = /^(Reloading log\.\.\.|\s*)$/;

/** Counts the lines in all files of a directory whose names start with `prefix`. `written`: how many each writer wrote. */
export async function tally(directory: string, prefix: string, written: ReadonlyMap<string, number>): Promise<Tally> {
  const seen = new Map([...written].map(([writer, lines]) => [writer, new Uint8Array(lines)]));
  const counts = { duplicated: 0, torn: 0, found: 0 };
  const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const bytes = createReadStream(join(directory, name));
    const input = name.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const [, head, writer, number, sum] =
        /^(w(\S+) (\d+)) ([0-9a-f]{8}) GET \/api\/posts\?page=2 200 12ms request-id=5f2c$/.exec(line) ?? [];
      const lines = seen.get(writer ?? '');
      if (head === undefined || lines === undefined || checksum(head) !== sum) {
        if (!NOT_A_WRITERS.test(line)) counts.torn++;
        continue;
      }
      counts.found++;
      const n = Number(number);
      if (lines[n] === 1) counts.duplicated++;
      lines[n] = 1;
    }
  }
  const missing = [...seen.values()].flatMap((lines) => [...lines.entries()].filter(([, there]) => there === 0).map(([n]) => n));
  const lostBetween =
    missing.length === 0 ? null : ([Math.min(...missing.slice(0, 1e5)), Math.max(...missing.slice(0, 1e5))] as const);
  return { ...counts, lost: missing.length, lostBetween, files: names.length };
}

/** FNV-1a, 32 bits, as log-writer.js has it. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
