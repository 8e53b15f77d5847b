import { answering } from '../policy/children.ts';
import type { Answer } from '../policy/observation.ts';
import { askDependencies } from './looking/ask-dependencies.ts';
import { verifyPort } from './looking/look.ts';
import { apart, type Desk, type Watched } from './watched.ts';

interface Round {
  readonly liveness: Answer;
  readonly readiness: Answer | null;
}

/** Makes one check of a backend and tells what came back. Nothing is asked where nobody could answer. */
export async function checkOnce(desk: Desk, watched: Watched): Promise<void> {
  const { clock } = desk.ports;
  const asked = answering(desk.stateOf(watched));
  if (watched.config.targets.liveness === null || asked.length === 0) return;
  const check = { startedAt: clock.now() };
  watched.inFlight.add(check);
  const found = await ask(desk, watched, asked.map(({ incarnation }) => incarnation).join('+'));
  await knowMore(desk, watched, found).catch((error: unknown) => apart(desk, watched, () => Promise.reject(error)));
  watched.inFlight.delete(check);
  const now = clock.now();
  watched.lastRound = { ...found, at: now };
  sample(watched, found, now);
  const observation = { ...found, startedAt: check.startedAt };
  desk.ports.onCheck?.(watched.config.name, observation);
  desk.tell(watched, { type: 'check', observation });
}

/** A check that throws is a mistake of ours, and says nothing about the backend. */
async function ask(desk: Desk, { config }: Watched, incarnation: string): Promise<Round> {
  try {
    return await desk.ports.health.check(config.targets, config.policy.timeoutMs, incarnation);
  } catch (error) {
    return { liveness: { kind: 'void', why: 'own-error', detail: String(error) }, readiness: null };
  }
}

/**
 * Before an answer is told: whether it is the backend's own; before one that is no success, how its dependencies are, as a verdict on it must
 * know whether they are to blame. One that serves has what is remembered as down looked at again, before anybody is told so.
 */
async function knowMore(desk: Desk, watched: Watched, round: Round): Promise<void> {
  if (round.liveness.kind === 'answer') await verifyPort(desk, watched);
  const isWanted = isGood(round)
    ? watched.dependencies.some(({ watch }) => watch.last?.up === false)
    : asksForReason(round.liveness) || asksForReason(round.readiness);
  if (isWanted) await askDependencies(desk, watched);
}

function asksForReason(answer: Answer | null): boolean {
  if (answer?.kind === 'answer') return answer.status >= 500;
  return answer?.kind === 'timeout' || answer?.kind === 'sick' || answer?.kind === 'silent';
}

function sample(watched: Watched, round: Round, now: number): void {
  const { liveness, readiness } = round;
  if (liveness.kind === 'void' || readiness?.kind === 'void') return;
  watched.samples.add(isGood(round), 'latencyMs' in liveness && serves(liveness) ? liveness.latencyMs : null, now);
}

function isGood({ liveness, readiness }: Round): boolean {
  return serves(liveness) && (readiness === null || serves(readiness));
}

function serves(answer: Answer): boolean {
  if (answer.kind !== 'answer') return answer.kind === 'well';
  return answer.expected?.met ?? answer.status < 400;
}
