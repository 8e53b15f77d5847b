import type { Answer, Observation } from '../policy/observation.ts';
import { incarnationOf } from './processes.ts';
import type { Desk, Watched } from './watched.ts';

/** All that can be asked of a backend without port or URL: whether it runs. */
const IT_RUNS: Answer = { kind: 'answer', status: 200, latencyMs: 0, retryAfterMs: null, json: null, excerpt: '' };

/**
 * Makes one check of a backend and tells what came back. Before a 503 or a silence is told, the dependencies are asked anew:
 * a verdict on it must know whether they are to blame. Nothing is told of a process that is not there.
 */
export async function checkOnce(desk: Desk, watched: Watched): Promise<void> {
  const { clock, health } = desk.ports;
  const incarnation = incarnationOf(watched.view);
  if (incarnation === null) return;
  const check = { startedAt: clock.now() };
  watched.inFlight.add(check);
  const { liveness, readiness } = watched.config.targets;
  const round = liveness
    ? await health.check({ liveness, readiness }, watched.config.policy.timeoutMs)
    : { liveness: IT_RUNS, readiness: null };
  if (asksForReason(round.liveness) || asksForReason(round.readiness)) await askDependencies(desk, watched);
  watched.inFlight.delete(check);
  watched.lastRound = { ...round, at: clock.now() };
  sample(watched, round, clock.now());
  desk.tell(watched, { type: 'check', observation: { ...round, startedAt: check.startedAt, incarnation } satisfies Observation });
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

function sample(watched: Watched, { liveness, readiness }: { liveness: Answer; readiness: Answer | null }, now: number): void {
  if (liveness.kind === 'void' || readiness?.kind === 'void') return;
  const good = serves(liveness) && (readiness === null || serves(readiness));
  watched.samples.add(good, liveness.kind === 'answer' ? liveness.latencyMs : null, now);
}

function serves(answer: Answer): boolean {
  return answer.kind === 'answer' && answer.status < 500;
}
