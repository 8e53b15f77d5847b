import type { Host } from '../../host/host.ts';
import { type CutResult, cut } from './cut.ts';
import type { Rotation, Target } from './rotate.ts';
import { prepareSwap, swap } from './swap.ts';

/** How long an idle instant is looked for of those who write to a file that is cut. */
const IDLE_BOUND_MS = 500;

export type InPlace = Pick<Rotation, 'rotated' | 'postponed' | 'failed' | 'unverified'>;

/** Rotates files that PM2 does not reopen: those opened anew for every line are swapped, those that are held open are copied and cut. */
export async function rotateInPlace(host: Host, targets: readonly Target[]): Promise<InPlace> {
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
      const result = await cut(host, { live: path, rotated: target.rotated, pids, boundMs: IDLE_BOUND_MS });
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
