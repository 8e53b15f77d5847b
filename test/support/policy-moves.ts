import fc from 'fast-check';
import type { Event } from '../../src/policy/event.ts';
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
  ...['online', 'online', 'crash', 'ended', 'performed', 'performed', 'failed', 'dependency', 'memory', 'port'],
  ...['stopped', 'errored', 'parked', 'restart', 'pause', 'resume', 'reset', 'fleet'],
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

/** What a move means in this state. */
export function eventOf(move: Move, state: BackendState, now: number): Event {
  const { kind, a, b } = move;
  switch (kind) {
    case 'check':
    case 'failing':
      return checkOf(move, state, now);
    case 'tick':
      return { type: 'tick' };
    case 'online':
      return { type: 'online', incarnation: a < 100 ? (state.incarnation ?? 'x') : `${a}@${now}`, startedAt: now - (b % 50) };
    case 'crash':
    case 'ended':
      return {
        type: 'exit',
        by: kind === 'crash' ? 'nobody' : a % 2 ? 'operator' : 'lifeguard',
        exit: { code: a % 3, signal: null, oom: a % 7 === 0, lastError: a % 3 === 0 ? null : `error ${a % 2}` },
        port: b > 60 ? null : { kind: b % 2 ? 'stranger' : 'orphan', pid: 7, command: 'nc' },
        ...(a % 10 === 0 ? { othersOnline: 1 } : {}),
        ...(a % 3 === 0 ? { incarnation: b % 5 ? (state.incarnation ?? 'x') : 'old' } : {}),
      };
    case 'performed':
    case 'failed':
      return {
        type: 'performed',
        action: (['restart', 'kill', 'stop', 'start'] as const)[a % 4] ?? 'stop',
        error: kind === 'failed' ? 'no' : null,
      };
    case 'dependency':
      return { type: 'dependency', name: a % 4 ? 'database' : 'queue', up: b % 2 === 0, detail: '' };
    case 'memory':
      return { type: 'memory', bytes: a };
    case 'port':
      return { type: 'port', holder: a % 3 ? null : { kind: b % 2 ? 'stranger' : 'orphan', pid: null, command: 'nc' } };
    case 'stopped':
      return { type: 'stopped', by: 'operator', status: a % 2 ? 'stopped' : 'absent' };
    case 'errored':
      return { type: 'stopped', by: 'pm2', status: 'errored' };
    case 'parked':
      return { type: 'stopped', by: 'lifeguard', status: 'stopped' };
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

function checkOf({ kind, a, b }: Move, state: BackendState, now: number): Event {
  const startedAt = now - (b % 40) * (b % 3 ? 5 : 150);
  const incarnation = a % 20 === 19 ? 'another' : state.incarnation;
  const liveness = kind === 'check' ? answer([200, 200, 200, 204, 404, 302][a % 6] ?? 200, b) : failing(a, b);
  const readiness = b % 3 === 0 ? answer([200, 503, 404, 500][a % 4] ?? 200, b) : null;
  return { type: 'check', observation: { liveness, readiness: kind === 'check' ? null : readiness, startedAt, incarnation } };
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
