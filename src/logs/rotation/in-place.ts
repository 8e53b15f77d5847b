import type { Host } from '../../host/host.ts';
import { type CutResult, cut } from './cut.ts';
import type { Rotation, Target } from './rotate.ts';
import { prepareSwap, swap } from './swap.ts';

/** Rotates files that PM2 does not reopen: those opened anew for every line are swapped, those that are held open are copied and cut. */
export async function rotateInPlace(
  host: Host,
  targets: readonly Target[],
  boundMs: number,
): Promise<Pick<Rotation, 'rotated' | 'postponed' | 'failed' | 'unverified'>> {
  const rotated: Target[] = [];
  const postponed: Target[] = [];
  const failed: { path: string; error: unknown }[] = [];
  const unverified: string[] = [];
  for (const target of targets) {
    const { path, writing, pids } = target.source;
    try {
      if (writing === 'by-path') {
        swap(prepareSwap(path, target.rotated));
        rotated.push(target);
        continue;
      }
      const result = await cut(host, { live: path, rotated: target.rotated, pids, boundMs });
      if (result === 'cut' || result === 'unsure') rotated.push(target);
      if (result === 'unsure') unverified.push(path);
      if (result === 'busy') postponed.push(target);
      const refusal = WHY_NOT[result];
      if (refusal) failed.push({ path, error: Object.assign(new Error(`${path}: ${refusal.text}`), { code: refusal.code }) });
    } catch (error) {
      failed.push({ path, error });
    }
  }
  return { rotated, postponed, failed, unverified };
}

const WHY_NOT: Partial<Record<CutResult, { code: string; text: string }>> = {
  'not-append': { code: 'NOT_APPEND', text: 'it is not opened for appending (O_APPEND), so it cannot be rotated without a hole' },
  unknown: { code: 'UNKNOWN_WRITERS', text: 'it cannot be told here who writes to it, so it is not rotated' },
};
