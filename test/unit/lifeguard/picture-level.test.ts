import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { childrenOf, incarnationOf, type Picture, takeBus, takeList } from '../../../src/lifeguard/looking/picture.ts';
import type { BusEvent, Pm2Process } from '../../../src/pm2/types.ts';

type Message = Extract<BusEvent, { type: 'process' }>;
type Step = { readonly id: number; readonly does: 'start' | 'end' | 'stop' | 'delete' | 'announce-stop' | 'list' };
/** What becomes of a message: lost, or told so much later, once or again. */
interface Way {
  readonly lost: boolean;
  readonly later: number;
  readonly again: number | null;
}

/** What PM2 really runs, and what it says of it while the steps are taken, one a time unit. */
function play(steps: readonly Step[]): { readonly real: readonly Pm2Process[]; readonly told: readonly Told[] } {
  const real = new Map<number, Pm2Process>();
  const told: Told[] = [];
  for (const [i, { id, does }] of steps.entries()) {
    const at = 10 * (i + 1);
    const is = real.get(id);
    const set = (process: Pm2Process, event: string, manually = false, also: Partial<Pm2Process> = {}) => {
      real.set(id, process);
      told.push({ at, message: { type: 'process', event, manually, process: { ...process, pid: 0, ...also }, exitCode: 1 } });
    };
    if (does === 'list') told.push({ at, list: [...real.values()] });
    else if (does === 'start' && is?.status !== 'online') set(processOf(id, at), 'online');
    else if (does === 'end' && is?.status === 'online')
      set({ ...is, status: 'waiting restart', pid: 0 }, 'exit', false, { status: 'stopped' });
    else if (does === 'stop' && is?.status === 'online')
      set({ ...is, status: 'stopped', pid: 0 }, 'exit', false, { status: 'stopping' });
    else if (does === 'announce-stop' && is) set(is, 'stop', true);
    else if (does === 'delete') real.delete(id);
  }
  return { real: [...real.values()], told };
}

type Arrival = Told & { readonly now: number };
type Told = { readonly at: number } & ({ readonly message: Message } | { readonly list: readonly Pm2Process[] });

function processOf(pmId: number, startedAt: number): Pm2Process {
  const more = { outFile: '', errorFile: '', restarts: 0, execMode: 'fork', env: {} } as const;
  return { pmId, name: 'api', pid: 100 + startedAt, status: 'online', startedAt, ...more };
}

/** Each message on its way; a list arrives when it was asked for, or later, and is as of when it was asked for. */
function arrive(told: readonly Told[], ways: readonly Way[]): readonly Arrival[] {
  const arrivals = told.flatMap((each, i): readonly Arrival[] => {
    const { lost, later, again } = ways[i % ways.length] ?? { lost: false, later: 0, again: null };
    if ('list' in each) return [{ ...each, now: each.at + later }];
    if (lost) return [];
    return [each.at + later, ...(again === null ? [] : [each.at + later + again])].map((now) => ({ ...each, now }));
  });
  return arrivals.sort((a, b) => a.now - b.now);
}

const STEPS = fc.array(
  fc.record({
    id: fc.integer({ min: 0, max: 1 }),
    does: fc.constantFrom<Step['does']>('start', 'start', 'end', 'stop', 'delete', 'announce-stop', 'list'),
  }),
  { maxLength: 14 },
);
const WAYS = fc.array(
  fc.record({
    lost: fc.boolean(),
    later: fc.integer({ min: 0, max: 60 }),
    again: fc.option(fc.integer({ min: 0, max: 60 })),
  }),
  { minLength: 1, maxLength: 14 },
);

test('whatever of what PM2 says is lost, late, told twice or out of order: after the next list what runs is known, and its end is told', () => {
  fc.assert(
    fc.property(STEPS, WAYS, (steps, ways) => {
      const { real, told } = play(steps);
      let picture: Picture = [];
      let now = 0;
      for (const arrival of arrive(told, ways)) {
        now = arrival.now;
        const at = { now, wallNow: now };
        picture = (
          'message' in arrival ? takeBus(picture, arrival.message, at) : takeList(picture, arrival.list, arrival.at, false, at)
        ).picture;
      }
      // What was announced to end has had its time.
      now += 60_000;
      picture = takeList(picture, real, now, false, { now, wallNow: now }).picture;
      const phases: Readonly<Record<string, string>> = { online: 'up', 'waiting restart': 'down', stopped: 'stopped' };
      // Which of its processes it was that is down is nothing to anybody.
      const known = childrenOf(picture).map(({ pmId, incarnation, phase }) => `${phase === 'up' ? incarnation : pmId} ${phase}`);
      const really = real.map((one) => `${one.status === 'online' ? incarnationOf(one) : one.pmId} ${phases[one.status]}`);
      assert.deepEqual(known.sort(), really.sort());
      for (const one of real.filter(({ status }) => status === 'online')) {
        now += 1;
        const process = { ...one, pid: 0, status: 'stopped' };
        const news = takeBus(
          picture,
          { type: 'process', event: 'exit', manually: false, process, exitCode: 1 },
          { now, wallNow: now },
        );
        assert.deepEqual(
          news.ended.map(({ incarnation }) => incarnation),
          [incarnationOf(one)],
        );
      }
    }),
    { numRuns: 3_000 },
  );
});
