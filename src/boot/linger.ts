import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from './systemctl.ts';

const THERE_WITHIN_MS = 20_000;

/** Whether a user's systemd starts with the machine, and goes on when the last login has ended. @param folder logind's own */
export function lingers(user: string, folder = '/var/lib/systemd/linger'): boolean {
  return existsSync(`${folder}/${user}`);
}

/**
 * Switches it on for oneself. logind allows that to everybody, without a password, where polkit is there; else to root alone.
 * @returns whether it is on
 */
export async function linger(user: string): Promise<boolean> {
  if (!lingers(user)) spawnSync('loginctl', ['--no-ask-password', 'enable-linger', user], { timeout: 30_000 });
  return lingers(user) && (await isThere());
}

/** At the first time the user's systemd has yet to start. */
async function isThere(): Promise<boolean> {
  const end = performance.now() + THERE_WITHIN_MS;
  while (!isReady('user')) {
    if (performance.now() > end) return false;
    await sleep(50);
  }
  return true;
}
