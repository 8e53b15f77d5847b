import fc from 'fast-check';
import type { Event, SeenChild } from '../../src/policy/event.ts';
import type { Answer } from '../../src/policy/observation.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { BackendState } from '../../src/policy/state.ts';

// Random lives of a backend for the property tests. A move is turned into an event only when the state is known, so that most
// events concern the process that is there; a few do not, on purpose.

export interface Move {
  /** Since the move before, ms. */
  readonly afterMs: number;
  readonly kind: (typeof KINDS)[number];
  readonly a: number;
  readonly b: number;
}

const KINDS = [
  ...['check', 'check', 'check', 'check', 'failing', 'failing', 'failing', 'failing', 'failing', 'tick', 'tick'],
  ...['online', 'online', 'crash', 'crash', 'ended', 'asked', 'performed', 'performed', 'failed', 'dependency', 'memory', 'port'],
  ...['stopped', 'byHand', 'errored', 'gone', 'looked', 'explained', 'restart', 'pause', 'resume', 'reset', 'fleet'],
  ...['waiting', 'startFailed', 'cpu'],
] as const;

const gaps = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
  { weight: 3, arbitrary: fc.integer({ min: 400, max: 8_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 200_000 }) },
);

export const moves = fc.array(
  fc.record({
    afterMs: gaps,
    kind: fc.constantFrom(...KINDS),
    a: fc.nat({ max: 999 }),
    b: fc.nat({ max: 999 }),
  }) as fc.Arbitrary<Move>,
  { minLength: 1, maxLength: 150, size: 'max' },
);

/** Small policies, so that every limit is met within a hundred events. */
export const policies: fc.Arbitrary<Policy> = fc.record({
  instances: fc.constantFrom(1, 1, 2),
  isChecked: fc.constantFrom(true, true, true, false),
  isJob: fc.constant(false),
  killTimeoutMs: fc.constantFrom(1_000, 10_000),
  intervalMs: fc.constantFrom(200, 1_000),
  timeoutMs: fc.constantFrom(500, 5_000),
  failureThreshold: fc.integer({ min: 1, max: 4 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  startupTimeoutMs: fc.constantFrom(0, 2_000, 20_000),
  retryAfterMaxMs: fc.constantFrom(0, 5_000),
  restartOn: fc
    .subarray(['crash', 'hang', 'unreachable', '503'] as const)
    .chain((some) => fc.constantFrom(some, ['crash', 'hang', 'unreachable', '503'] as const)),
  maxRestarts: fc.integer({ min: 0, max: 4 }),
  withinMs: fc.constantFrom(10_000, 60_000),
  coolDownMs: fc.constantFrom(null, 5_000, 60_000),
  backoff: fc.record({
    initialMs: fc.constantFrom(0, 500, 1_000),
    factor: fc.constantFrom(1, 2, 10),
    maxMs: fc.constantFrom(1_000, 20_000),
    jitter: fc.constantFrom(0, 0.2, 1),
  }),
  maxMemoryBytes: fc.constantFrom(null, 100),
  maxCpu: fc.constantFrom(null, { percent: 90, forMs: 10_000 }),
  dependencies: fc.constantFrom(
    [],
    [{ name: 'database', field: 'services.database' }],
    [
      { name: 'database', field: null },
      { name: 'queue', field: null },
    ],
  ),
});

const FAILING: readonly Answer['kind'][] = ['refused', 'timeout', 'broken'];

/** What a move means in this state: what PM2 tells is at least possible, whatever order it comes in. */
export function eventOf(move: Move, state: BackendState, now: number): Event {
  const { kind, a, b } = move;
  const pmId = a % 10 === 0 ? 1 : 0;
  const child = state.children.find((one) => one.pmId === pmId);
  switch (kind) {
    case 'check':
    case 'failing':
      return checkOf(move, now);
    case 'tick':
      return { type: 'tick' };
    case 'online':
      return seen(state, {
        pmId,
        incarnation: a < 100 && child ? child.incarnation : `${pmId}@${now}`,
        phase: 'up',
        upAt: now - (b % 50),
        eager: b % 3 > 0,
      });
    case 'waiting':
      return seen(state, { pmId, incarnation: `${pmId}@${now}`, phase: 'waiting', upAt: now - (b % 50), eager: b % 3 > 0 });
    case 'startFailed':
      return { type: 'start-failed', text: 'The migration failed.', again: a % 2 === 0 };
    case 'cpu':
      return { type: 'cpu', percent: 100, highForMs: a % 4 === 0 ? 0 : a * 30 };
    case 'crash':
    case 'ended':
      return child === undefined ? { type: 'tick' } : end(state, child, kind === 'ended', a);
    case 'stopped':
    case 'errored':
      return child === undefined ? { type: 'tick' } : seen(state, { ...child, phase: kind });
    case 'byHand':
      return child === undefined ? { type: 'tick' } : { ...seen(state, { ...child, phase: 'stopped' }), byHand: [pmId] };
    case 'gone':
      return { type: 'processes', children: state.children.filter((one) => one !== child).map(asSeen), ended: [], byHand: [] };
    case 'looked':
      return { type: 'looked', askedAt: now - (b % 40) };
    case 'explained': {
      const exit = { code: a % 3, signal: null, oom: a % 7 === 0, lastError: a % 3 === 0 ? null : `error ${a % 2}` };
      return { type: 'explained', incarnation: child?.untold?.incarnation ?? 'none', exit };
    }
    case 'asked':
      return { type: 'asked', id: (state.operation?.id ?? 0) - (a % 5 === 0 ? 1 : 0) };
    case 'performed':
    case 'failed':
      return {
        type: 'performed',
        id: (child?.stopAsked?.id ?? state.operation?.id ?? 0) - (a % 5 === 0 ? 1 : 0),
        error: kind === 'failed' ? 'no' : null,
      };
    case 'dependency':
      return { type: 'dependency', name: a % 4 ? 'database' : 'queue', up: b % 2 === 0, detail: '' };
    case 'memory':
      return { type: 'memory', bytes: a };
    case 'port':
      return { type: 'port', holder: a % 3 ? null : { kind: b % 2 ? 'stranger' : 'orphan', pid: null, command: 'nc' } };
    case 'restart':
    case 'resume':
    case 'reset':
      return { type: 'command', command: { name: kind } };
    case 'pause':
      return { type: 'command', command: { name: 'pause', forMs: a * 20 } };
    case 'fleet':
      return { type: 'fleet', word: (['go', 'wait', 'hold', 'go'] as const)[a % 4] ?? 'go', reason: a % 2 ? '' : 'shared' };
  }
}

type Processes = Extract<Event, { type: 'processes' }>;

function seen(state: BackendState, child: SeenChild): Processes {
  const others = state.children.filter(({ pmId }) => pmId !== child.pmId);
  return { type: 'processes', children: [...others, child].map(asSeen), ended: [], byHand: [] };
}

function end(state: BackendState, child: SeenChild, asked: boolean, a: number): Processes {
  const told = seen(state, { ...child, phase: asked ? 'stopping' : 'down' });
  return { ...told, ended: [{ pmId: child.pmId, incarnation: child.incarnation, asked, code: a % 3 }] };
}

function asSeen({ pmId, incarnation, phase, upAt, eager }: SeenChild): SeenChild {
  return { pmId, incarnation, phase, upAt, eager };
}

function checkOf({ kind, a, b }: Move, now: number): Event {
  const startedAt = now - (b % 40) * (b % 3 ? 5 : 150);
  const liveness = kind === 'check' ? answer([200, 200, 200, 204, 404, 302][a % 6] ?? 200, b) : failing(a, b);
  const readiness = b % 3 === 0 ? answer([200, 503, 404, 500][a % 4] ?? 200, b) : null;
  return { type: 'check', observation: { liveness, readiness: kind === 'check' ? null : readiness, startedAt } };
}

function failing(a: number, b: number): Answer {
  const kind = FAILING[a % 5];
  if (kind === 'broken') return { kind, code: 'ECONNRESET', latencyMs: b };
  if (kind === 'refused' || kind === 'timeout') return { kind, latencyMs: b };
  if (a % 25 === 3) return { kind: 'void', why: 'late-event-loop', detail: '' };
  return answer(a % 5 === 3 ? 503 : ([500, 503, 502][a % 3] ?? 500), b);
}

function answer(status: number, b: number): Answer {
  const retryAfterMs = status === 503 && b % 8 === 0 ? 3_000 : null;
  return {
    kind: 'answer',
    status,
    latencyMs: 1,
    retryAfterMs,
    json: { services: { database: b % 2 ? 'down' : 'up' } },
    excerpt: '',
  };
}
