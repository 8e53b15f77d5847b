import { rmSync } from 'node:fs';
import { until } from './poll.ts';

/** Removes a folder into which something that was just stopped may still write its last file. */
export async function removeFolder(folder: string): Promise<void> {
  await until(`${folder} to be gone`, () => {
    rmSync(folder, { recursive: true, force: true });
    return true;
  });
}
