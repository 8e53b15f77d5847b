import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Product } from '../../test/support/product.ts';
import { type RealServer, realServer } from '../../test/support/real-server.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import { KINDS, type Kind } from './kinds.ts';
import { type Outcome, trialsOf } from './trial.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/backends.md', import.meta.url));

export const HELP = `Usage: npm run bench -- servers [options]

Real servers under lifeguard at its defaults, hurt in one way after the other while a visitor comes ten times a second: seconds until all
is well again, requests without a 200, processes of before that live on, restarts counted. Debian's gunicorn, uvicorn, python3-hypercorn
and python3-django. About 15 minutes.

  --only TEXT   the kinds whose name holds it
  --write       also into docs/backends.md`;

/** @returns 0; 1 when a process was left, or what was asked to end gracefully cut a request */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', default: '' }, write: { type: 'boolean', default: false } },
  });
  const kinds = KINDS.filter(({ title }) => title.includes(values.only));
  const found: (readonly [Kind, Outcome[]])[] = [];
  const product = new Product();
  try {
    const servers: RealServer[] = [];
    for (const [i, { server }] of kinds.entries()) servers.push(await realServer(product, `server-${i + 1}`, server));
    await product.start();
    for (const [i, kind] of kinds.entries()) {
      const outcomes = await trialsOf(product, servers[i] as RealServer, kind);
      found.push([kind, outcomes]);
      console.log(`${kind.title}\n${table([[kind, outcomes]])}\n`);
    }
  } finally {
    await product.dispose();
  }
  const text = [circumstances('npm run bench -- servers'), table(found)].join('\n\n');
  if (values.write) writeSection('servers', text, DOCUMENT);
  return found.every(([, outcomes]) => outcomes.every(isWell)) ? 0 : 1;
}

function isWell({ fault, left, failed }: Outcome): boolean {
  return left === 0 && (!fault.includes('through') || failed === 0);
}

function table(found: readonly (readonly [Kind, Outcome[]])[]): string {
  return markdownTable(
    ['server', 'fault', 'well after', 'requests without a 200', 'processes left', 'restarts counted'],
    found.flatMap(([{ title }, outcomes]) =>
      outcomes.map(({ fault, seconds, asked, failed, left, restarts }) => [
        title,
        fault,
        seconds === null ? 'not noticed' : `${seconds.toFixed(1)} s`,
        `${failed} of ${asked}`,
        String(left),
        String(restarts),
      ]),
    ),
  );
}
