import type { Desk, Watched } from '../watched.ts';
import { incarnationOf, pidsOf } from './picture.ts';

/** One reading of the processor time of a backend's processes. */
interface Reading {
  readonly incarnations: string;
  readonly at: number;
  readonly cpuMs: number;
  /** Since when each reading was at its limit or above; null: the last one was not. */
  readonly highSince: number | null;
}

/** Watches what those with a `max_cpu` use; to be called every few seconds. Never rejects for one that cannot be told. */
export function watchCpu(desk: Desk): () => Promise<void> {
  const { clock, host } = desk.ports;
  const before = new Map<Watched, Reading>();

  function take(watched: Watched, pids: readonly number[], cpuMs: number, at: number): void {
    const { maxCpu } = watched.config.policy;
    const last = before.get(watched);
    const incarnations = watched.picture.map(incarnationOf).join(' ') + pids.join(' ');
    if (maxCpu === null || last?.incarnations !== incarnations || at <= last.at) {
      before.set(watched, { incarnations, at, cpuMs, highSince: null });
      return;
    }
    const percent = Math.max(0, ((cpuMs - last.cpuMs) / (at - last.at)) * 100);
    const highSince = percent < maxCpu.percent ? null : (last.highSince ?? last.at);
    before.set(watched, { incarnations, at, cpuMs, highSince });
    watched.cpuPercent = Math.round(percent);
    desk.tell(watched, { type: 'cpu', percent: Math.round(percent), highForMs: highSince === null ? 0 : at - highSince });
  }

  return async () => {
    const limited = [...desk.watched.values()].filter(
      ({ config, waiting, picture }) => config.policy.maxCpu !== null && waiting === null && pidsOf(picture).length > 0,
    );
    if (limited.length === 0) return;
    const pids = limited.map(({ picture }) => pidsOf(picture));
    const at = clock.now();
    const found = await host.cpuOf(pids);
    for (const [i, watched] of limited.entries()) {
      const cpuMs = found[i] ?? null;
      if (cpuMs !== null) take(watched, pids[i] ?? [], cpuMs, at);
    }
  };
}
