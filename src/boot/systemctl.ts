import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { LifeguardError } from '../errors/lifeguard-error.ts';

/** Where units of this machine's administrator lie. */
export const UNITS = '/etc/systemd/system';

/** @throws LifeguardError `no-systemd` where this machine was not started by it */
export function requireSystemd(): void {
  if (existsSync('/run/systemd/system')) return;
  throw new LifeguardError('no-systemd', 'this machine is not run by systemd', {
    hint: 'In a container let its restart policy start `lifeguard start`; npx pm2 startup knows other systems.',
  });
}

/** The machine's systemd, or the one that each user has. */
export type Manager = 'system' | 'user';

/** Where a program reaches its user's systemd, as a login has it: `cron`, `su` and `sudo -u` say nothing of it. */
export function userEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.()}`;
  return { DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus`, ...env, XDG_RUNTIME_DIR: runtime };
}

function ask(manager: Manager, args: readonly string[], timeout: number) {
  const to = manager === 'user' ? ['--user', ...args] : args;
  const env = manager === 'user' ? userEnvironment() : process.env;
  return spawnSync('systemctl', to, { encoding: 'utf8', timeout, env });
}

/** It is there and does not end. */
export function isReady(manager: Manager): boolean {
  return /^(starting|running|degraded)$/.test(ask(manager, ['is-system-running'], 10_000).stdout?.trim() ?? '');
}

/** @throws LifeguardError `systemctl` with its own words when it fails */
export function systemctl(manager: Manager, ...args: string[]): void {
  const { status, stderr, error } = ask(manager, args, 60_000);
  if (status !== 0)
    throw new LifeguardError('systemctl', `systemctl ${args.join(' ')}: ${stderr?.trim() || error?.message || `exit ${status}`}`);
}

export interface UnitState {
  /** `not-found` where there is none. */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`. */
  readonly active: string;
  /** `enabled`, `disabled`; empty where there is none. */
  readonly enabled: string;
  /** 0: none. */
  readonly mainPid: number;
  /** Of the program of ExecStart while that runs; 0: none. */
  readonly controlPid: number;
}

/** What systemd has of a unit. */
export function unitState({ manager, unit }: { readonly manager: Manager; readonly unit: string }): UnitState {
  const keys = 'LoadState,ActiveState,UnitFileState,MainPID,ControlPID';
  const { stdout } = ask(manager, ['show', unit, `--property=${keys}`], 10_000);
  const found = new Map((stdout ?? '').split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const text = (key: string) => found.get(key) ?? '';
  return {
    load: text('LoadState'),
    active: text('ActiveState'),
    enabled: text('UnitFileState'),
    mainPid: Number(text('MainPID')) || 0,
    controlPid: Number(text('ControlPID')) || 0,
  };
}
