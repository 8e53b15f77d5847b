import type { Room } from '../../room.ts';
import type { Contender, Setting } from '../contender.ts';
import type { Victim } from '../victim.ts';
import { pm2, startUnderPm2 } from './pm2.ts';

/** [checking_interval in s, fails_to_restart, checking_timeout in ms] */
const SETTINGS: Record<Setting, readonly [number, number, number]> = {
  default: [10, 3, 5_000],
  fastest: [1, 2, 1_000],
};

/** PM2 with the module pm2-watchdog. @param folder where the module is, with its dependencies installed */
export function pm2Watchdog(folder: string, setting: Setting): Contender {
  const [intervalS, failures, timeoutMs] = SETTINGS[setting];
  return {
    name: 'pm2-watchdog',
    setting,
    how: `every ${intervalS} s, ${failures} failures, ${timeoutMs / 1000} s timeout`,
    checkEveryMs: intervalS * 1000,
    slow: setting === 'default',
    async start(room, victim) {
      await startUnderPm2(room, victim);
      await installWatchdog(room, folder, setting, [['victim', victim]]);
    },
  };
}

export async function installWatchdog(
  room: Room,
  folder: string,
  setting: Setting,
  apps: readonly (readonly [name: string, victim: Pick<Victim, 'url'>])[],
): Promise<void> {
  const [intervalS, failures, timeoutMs] = SETTINGS[setting];
  const settings = [
    ...apps.map(([name, { url }]) => [`url-${name}`, url] as const),
    ['checking_interval', intervalS],
    ['fails_to_restart', failures],
    ['checking_timeout', timeoutMs],
  ];
  await pm2(room, ['multiset', settings.map(([key, value]) => `pm2-watchdog:${key} ${value}`).join(' ')]);
  await pm2(room, ['install', '.'], folder);
}
