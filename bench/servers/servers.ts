import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Product } from '../../test/support/product.ts';
import type { RealServer } from '../../test/support/real-server.ts';
import { redisServer } from '../../test/support/servers.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import { AWAY, serverWith, withoutDependency } from './answers.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Outcome, trialsOf } from './trial.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/backends.md', import.meta.url));

export const HELP = `Usage: npm run bench -- servers [options]

Real servers under lifeguard at its defaults, hurt in one way after the other while a visitor comes ten times a second: seconds until all
is well again, requests without a 200, processes of before that live on, restarts counted. Debian's gunicorn, uvicorn, python3-hypercorn
and python3-django. About 20 minutes.

  --only TEXT    the kinds whose name holds it
  --faults TEXT  the faults whose name holds it, or one of several with a | between them
  --write        also into docs/backends.md, where the rows of what is left out stay`;

/** @returns 0; 1 when a process was left, or what was asked to end gracefully cut a request */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      faults: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
    },
  });
  const kinds = KINDS.filter(({ title }) => title.includes(values.only));
  const isWanted = (fault: string) => values.faults.split('|').some((part) => fault.includes(part));
  const found: Found[] = [];
  const product = new Product();
  const redis = await redisServer();
  try {
    await redis.start();
    const servers: (readonly [Kind, RealServer])[] = [];
    for (const [i, kind] of kinds.entries()) servers.push([kind, await serverWith(product, `server-${i + 1}`, kind, redis)]);
    await product.start();
    // Before the others, as a stop is the last of those.
    if (isWanted(AWAY)) found.push(...(await withoutDependency(product, servers, redis)));
    for (const [kind, server] of servers) {
      const outcomes = (await trialsOf(product, server, kind, isWanted)).map((outcome) => [kind, outcome] as const);
      found.push(...outcomes);
      console.log(`${kind.title}\n${table(rowsOf(outcomes))}\n`);
    }
  } finally {
    await product.dispose();
    await redis.remove();
  }
  const rows = rowsOf(found);
  console.log(table(rows));
  if (values.write) {
    const all = values.only === '' && values.faults === '' ? rows : withRows(readFileSync(DOCUMENT, 'utf8'), rows);
    writeSection('servers', [circumstances('npm run bench -- servers'), table(all)].join('\n\n'), DOCUMENT);
  }
  return found.every(([, outcome]) => isWell(outcome)) ? 0 : 1;
}

type Found = readonly [Kind, Outcome];

/** The rows of the table that is there, the new ones in their places; a new one follows the last of its kind. */
function withRows(text: string, rows: readonly (readonly string[])[]): (readonly string[])[] {
  const section = text.slice(text.indexOf('<!-- servers -->'), text.indexOf('<!-- /servers -->'));
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  const before = lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const isSame = (a: readonly string[], b: readonly string[]) => a[0] === b[0] && a[1] === b[1];
  const all = before.map((row) => rows.find((one) => isSame(one, row)) ?? row);
  const added = rows.filter((row) => !before.some((one) => isSame(one, row)));
  return KINDS.flatMap(({ title }) => [...all, ...added].filter(([kind]) => kind === title));
}

function isWell({ fault, left, failed }: Outcome): boolean {
  return left === 0 && (!fault.includes('through') || failed === 0);
}

function rowsOf(found: readonly Found[]): string[][] {
  return found.map(([{ title }, { fault, seconds, asked, failed, left, restarts }]) => [
    title,
    fault,
    seconds === null ? 'not noticed' : `${seconds.toFixed(1)} s`,
    `${failed} of ${asked}`,
    String(left),
    String(restarts),
  ]);
}

function table(rows: readonly (readonly string[])[]): string {
  return markdownTable(
    ['server', 'fault', 'well after', 'requests without a 200', 'processes left', 'restarts counted'],
    KINDS.flatMap(({ title }) => rows.filter(([kind]) => kind === title)),
  );
}
