import { createRequire } from 'node:module';
import type { Room } from '../../room.ts';
import type { Contender } from '../contender.ts';
import type { Victim } from '../victim.ts';

const PM2 = createRequire(import.meta.url).resolve('pm2/bin/pm2');

/** Stock PM2's command line. */
export function pm2(room: Room, args: readonly string[], cwd = room.dir): Promise<string> {
  return room.run(process.execPath, [PM2, ...args], { cwd });
}

/** The victim as an app of stock PM2, all as PM2 sets it when nothing is said. */
export async function startUnderPm2(room: Room, victim: Victim): Promise<void> {
  await pm2(room, ['start', victim.script, '--name', 'victim', '--', ...victim.args]);
}

export const plainPm2: Contender = {
  name: 'PM2',
  setting: 'default',
  how: '`pm2 start`; it makes no checks, so there is nothing to set faster',
  checkEveryMs: null,
  slow: false,
  start: startUnderPm2,
};
