import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { lifeguardFolder } from '../../pm2/home.ts';

/** Set for a backend whose heartbeat is heard at a socket: its path. A byte that is written there is a beat. */
export const BEAT_VARIABLE = 'LIFEGUARD_BEAT';

/** Of the kernels' limits for a socket's path the least, macOS's, without the zero byte at its end. */
const MAX_BYTES = 103;

/** Where lifeguard hears the beats of a backend: in PM2_HOME, or, where that makes a path too long for a socket, in a folder of this user's in /tmp. */
export function beatSocket(pm2Home: string, backend: string): string {
  const path = join(lifeguardFolder(pm2Home), `beat-${backend}.sock`);
  if (Buffer.byteLength(path) <= MAX_BYTES) return path;
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 16);
  return `/tmp/lifeguard-${process.getuid?.() ?? 0}/${digest}.sock`;
}
