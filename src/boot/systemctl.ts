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

/** @throws LifeguardError `systemctl` with its own words when it fails */
export function systemctl(...args: string[]): void {
  const { status, stderr, error } = spawnSync('systemctl', args, { encoding: 'utf8', timeout: 60_000 });
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
export function unitState(unit: string): UnitState {
  const keys = 'LoadState,ActiveState,UnitFileState,MainPID,ControlPID';
  const { stdout } = spawnSync('systemctl', ['show', unit, `--property=${keys}`], { encoding: 'utf8', timeout: 10_000 });
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
