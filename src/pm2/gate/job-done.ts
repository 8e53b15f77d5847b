import { daemonPid } from '../../host/orphans/marker.ts';
import type { Pm2Process } from '../types.ts';
import { gateIn, readRecord } from './gate-file.ts';

/** It stands still because it is a job, and has ended well since PM2's daemon was started. */
export function isJobDone({ env, status }: Pm2Process, pm2Home: string): boolean {
  const [gate, daemon] = [gateIn(env.args), daemonPid(pm2Home)];
  return status === 'stopped' && gate !== null && daemon !== null && readRecord(gate, daemon) === 'now';
}
