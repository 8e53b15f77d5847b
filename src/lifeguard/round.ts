import type { Answer, Observation } from '../policy/observation.ts';
import { incarnationOf } from './processes.ts';
import type { Desk, Watched } from './watched.ts';

/** All that can be asked of a backend without port or URL: whether it runs. */
const IT_RUNS: Answer = { kind: 'answer', status: 200, latencyMs: 0, retryAfterMs: null, json: null, excerpt: '' };

/** PM2 is just ending it, at somebody's wish: what it answers meanwhile is no failure. */
const BEING_STOPPED: Answer = { kind: 'void', why: 'being-stopped', detail: 'PM2 is stopping it' };

interface Round {
  readonly liveness: Answer;
  readonly readiness: Answer | null;
}

/** Makes one check of a backend and tells what came back. Nothing is told of a process that is not there. */
export async function checkOnce(desk: Desk, watched: Watched): Promise<void> {
  const { clock, health } = desk.ports;
  const incarnation = incarnationOf(watched.view);
  if (incarnation === null) return;
  const check = { startedAt: clock.now() };
  watched.inFlight.add(check);
  const { targets } = watched.config;
  const found = targets.liveness
    ? await health.check(targets, watched.config.policy.timeoutMs, incarnation)
    : { liveness: IT_RUNS, readiness: null };
  const round = isGood(found) ? found : await explained(desk, watched, found);
  // It serves: what is remembered as down is looked at again before anybody is told so.
  if (isGood(found) && watched.dependencies.some(({ watch }) => watch.last?.up === false)) await askDependencies(desk, watched);
  watched.inFlight.delete(check);
  const now = clock.now();
  const { startedAt } = check;
  watched.lastRound = { liveness: round.liveness, readiness: round.readiness, at: now };
  sample(watched, round, now);
  const observation: Observation = { liveness: round.liveness, readiness: round.readiness, startedAt, incarnation };
  desk.tell(watched, { type: 'check', observation });
}

/**
 * Before a failure is told it is asked whether PM2 is stopping the backend; before a 503 or a silence, also how its dependencies are:
 * a verdict on it must know whether they are to blame.
 */
async function explained(desk: Desk, watched: Watched, round: Round): Promise<Round> {
  if (await desk.isBeingStopped(watched.config.name)) return { liveness: BEING_STOPPED, readiness: null };
  if (asksForReason(round.liveness) || asksForReason(round.readiness)) await askDependencies(desk, watched);
  return round;
}

/** Asks all that the backend depends on, and tells the answers. */
export async function askDependencies(desk: Desk, watched: Watched): Promise<void> {
  await Promise.all(
    watched.dependencies.map(async ({ name, watch }) => {
      const { up, detail } = await watch.ask();
      desk.tell(watched, { type: 'dependency', name, up, detail });
    }),
  );
}

function asksForReason(answer: Answer | null): boolean {
  return answer !== null && (answer.kind === 'timeout' || (answer.kind === 'answer' && answer.status === 503));
}

function sample(watched: Watched, round: Round, now: number): void {
  const { liveness, readiness } = round;
  if (liveness.kind === 'void' || readiness?.kind === 'void') return;
  watched.samples.add(isGood(round), liveness.kind === 'answer' ? liveness.latencyMs : null, now);
}

function isGood({ liveness, readiness }: Round): boolean {
  return serves(liveness) && (readiness === null || serves(readiness));
}

function serves(answer: Answer): boolean {
  return answer.kind === 'answer' && answer.status < 500;
}
