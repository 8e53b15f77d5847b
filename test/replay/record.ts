import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Policy } from '../../src/policy/policy.ts';
import { DEFAULTS } from '../support/policies.ts';
import { type BackendModel, World } from '../support/world.ts';

// node --import tsx test/replay/record.ts: plays the scenarios below and writes what was decided beside this file. Run it when
// decisions are meant to change, and read the difference before it is committed.

const STORE: Policy = { ...DEFAULTS, dependencies: [{ name: 'database', field: 'services.database' }] };

const SCENARIOS: Readonly<Record<string, () => World>> = {
  'crash-loop': () => play({ backend: { livesMs: ({ n }) => (n === 1 ? 5_000 : 400) } }, 900_000),
  'hang-then-503': () =>
    play(
      {
        backend: {
          answer: ({ startedAt, now, n }) =>
            now - startedAt < 8_000 ? 'ok' : n === 1 ? 'hang' : n === 2 ? { status: 503 } : 'ok',
        },
      },
      60_000,
    ),
  'database-away': () =>
    play(
      {
        backend: {
          answer: ({ now, startedAt }) => (now > 10_000 && startedAt < 30_000 ? { status: 503 } : 'ok'),
          databaseUp: (now) => now < 10_000 || now > 30_000,
        },
      },
      45_000,
      STORE,
    ),
  'four-at-once': () => play(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, sickAt(8_000)])), 20_000),
};

export function recordings(): ReadonlyMap<string, string> {
  return new Map(Object.entries(SCENARIOS).map(([name, scenario]) => [`${name}.jsonl`, `${scenario().recording.join('\n')}\n`]));
}

function play(models: Readonly<Record<string, BackendModel>>, until: number, policy = DEFAULTS): World {
  return new World(models, () => policy).runTo(until);
}

function sickAt(from: number): BackendModel {
  return { answer: ({ now, startedAt }) => (now >= from && startedAt < from ? { status: 503 } : 'ok') };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of recordings()) writeFileSync(new URL(file, import.meta.url), text);
}
