import { cut } from './cut.ts';
import type { Rotation, Target } from './rotate.ts';
import { prepareSwap, swap } from './swap.ts';

/** Rotates files that PM2 does not reopen: those opened anew for every line are swapped, those that are held open are copied and cut. */
export async function rotateInPlace(targets: readonly Target[], boundMs: number): Promise<Omit<Rotation, 'idle' | 'repaired'>> {
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
      const result = await cut(path, target.rotated, pids, boundMs);
      if (result === 'cut' || result === 'unsure') rotated.push(target);
      if (result === 'unsure') unverified.push(path);
      if (result === 'busy') postponed.push(target);
      if (result === 'not-append') failed.push({ path, error: notAppended(path) });
    } catch (error) {
      failed.push({ path, error });
    }
  }
  return { rotated, postponed, failed, unverified };
}

function notAppended(path: string): Error {
  return Object.assign(new Error(`${path} is not opened for appending (O_APPEND): it cannot be rotated without a hole`), {
    code: 'NOT_APPEND',
  });
}
