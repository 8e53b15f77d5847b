import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../clock/clock.ts';
import type { AlertChannel } from '../../config/resolved.ts';
import type { Disk } from './disk.ts';

/** That a channel has worked, as it is configured now. */
export interface Proof {
  /** Of its configuration. */
  readonly digest: string;
  /** ISO 8601. */
  readonly at: string;
  /** What the service said. */
  readonly answer: string;
}

export function proofFile(folder: string, name: string): string {
  return join(folder, `proven-${name}.json`);
}

export function queueFile(folder: string, name: string): string {
  return join(folder, `queue-${name}.json`);
}

/** Changes with whatever decides where and how it sends. */
function channelDigest(channel: AlertChannel): string {
  const { name: _, ...rest } = channel;
  const how = 'on' in rest ? { ...rest, on: null } : rest;
  return createHash('sha256').update(JSON.stringify(how)).digest('hex').slice(0, 16);
}

/** What was read from a proof's file, if it is one and of this configuration. */
export function validProof(value: unknown, channel: AlertChannel): Proof | null {
  const proof = value as Partial<Proof> | null;
  if (typeof proof?.at !== 'string' || typeof proof.answer !== 'string' || proof.digest !== channelDigest(channel)) return null;
  return { digest: proof.digest, at: proof.at, answer: proof.answer };
}

/** Keeps that a channel has worked as it is configured now, for `lifeguard validate`. */
export function prover(
  channels: readonly AlertChannel[],
  folder: string,
  disk: Disk,
  clock: Clock,
): (name: string, answer: string) => void {
  const proven = new Set<string>();
  const prove = async (name: string, answer: string) => {
    const channel = channels.find((each) => each.name === name);
    if (channel === undefined || proven.has(name)) return;
    proven.add(name);
    const file = proofFile(folder, name);
    if (validProof(await disk.read(file), channel) === null) await disk.write(file, proofOf(channel, answer, clock.wallNow()));
  };
  return (name, answer) => void prove(name, answer);
}

export function proofOf(channel: AlertChannel, answer: string, now: number): Proof {
  return { digest: channelDigest(channel), at: new Date(now).toISOString(), answer };
}
