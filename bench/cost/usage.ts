import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseStat } from '../../src/host/linux/process-table.ts';

const SAMPLE_EVERY_MS = 2_000;

export interface Usage {
  /** Of one processor, 0 to 1. */
  readonly cpu: number;
  /** The highest of the samples, in bytes. */
  readonly rssBytes: number;
  /** Memory with each shared page divided by its users, at the end, in bytes. */
  readonly pssBytes: number;
}

/** What one process uses within `windowMs`, read from /proc. @throws Error when it ends meanwhile */
export async function usageOf(pid: number, windowMs: number): Promise<Usage> {
  const started = performance.now();
  const cpuAtStart = cpuMs(pid);
  let rssBytes = 0;
  while (performance.now() - started < windowMs) {
    await sleep(Math.min(SAMPLE_EVERY_MS, started + windowMs - performance.now()));
    rssBytes = Math.max(rssBytes, sizeOf(pid, 'status', 'VmRSS'));
  }
  const cpu = (cpuMs(pid) - cpuAtStart) / (performance.now() - started);
  return { cpu, rssBytes, pssBytes: sizeOf(pid, 'smaps_rollup', 'Pss') };
}

function cpuMs(pid: number): number {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')).cpuMs;
}

function sizeOf(pid: number, file: string, field: string): number {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'latin1')) ?? [];
  return Number(kilobytes) * 1024;
}
