import type { Clock } from '../clock/clock.ts';
import type { Answer } from '../policy/observation.ts';
import type { BackendState } from '../policy/state.ts';
import { type Summary, summary } from '../policy/telling/summary.ts';
import type { SampleFacts } from './looking/samples.ts';
import type { Watched } from './watched.ts';

/** One backend as lifeguard sees it: what `status` answers and the metrics show. Plain JSON; times in ms. */
export interface BackendStatus {
  readonly name: string;
  readonly port: number | null;
  readonly policy: Summary;
  readonly processes: readonly { readonly pmId: number; readonly pid: number; readonly uptimeMs: number }[];
  /** What the last check found, such as `200`, `503`, `timeout`, `refused`; null: none was made. */
  readonly lastCheck: { readonly liveness: string; readonly readiness: string | null; readonly agoMs: number } | null;
  /** What its start waits for, as the end of a sentence that begins with "it"; null: it does not wait. */
  readonly waitsFor: string | null;
  readonly checks: SampleFacts;
  readonly dependencies: readonly { readonly name: string; readonly up: boolean | null; readonly detail: string }[];
  /** Of the whole process tree; null: not looked at, as no max_memory is set. */
  readonly memoryBytes: number | null;
  /** The same, percent of one core; null: no max_cpu is set, or it was not looked at yet. */
  readonly cpuPercent: number | null;
  /** Since anything was last decided about it. */
  readonly decidedAgoMs: number | null;
}

export function statusOf(watched: Watched, state: BackendState, clock: Clock): BackendStatus {
  const { config, lastRound } = watched;
  const now = clock.now();
  const wallNow = clock.wallNow();
  const running = watched.picture.filter(({ phase }) => phase === 'up');
  return {
    name: config.name,
    port: config.port,
    policy: summary(state, config.policy, now),
    processes: running.map(({ pmId, pid, startedAt }) => ({ pmId, pid, uptimeMs: Math.max(0, wallNow - startedAt) })),
    // What a process that is gone answered is no news of the one that is asked for.
    lastCheck:
      running.length === 0 || lastRound === null
        ? null
        : {
            liveness: word(lastRound.liveness),
            readiness: lastRound.readiness && word(lastRound.readiness),
            agoMs: Math.round(now - lastRound.at),
          },
    waitsFor: watched.waiting?.forWhat ?? null,
    checks: watched.samples.facts(now),
    dependencies: watched.dependencies.map(({ name, watch }) => ({
      name,
      up: watch.last?.up ?? null,
      detail: watch.last?.detail ?? 'not asked yet',
    })),
    memoryBytes: watched.memoryBytes,
    cpuPercent: watched.cpuPercent,
    decidedAgoMs: watched.decidedAt === null ? null : Math.round(now - watched.decidedAt),
  };
}

function word(answer: Answer): string {
  if (answer.kind === 'answer') return String(answer.status);
  return answer.kind === 'broken' ? answer.code : answer.kind;
}
