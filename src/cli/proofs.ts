import { mkdirSync, readFileSync } from 'node:fs';
import { proofFile, proofOf, validProof } from '../alerts/delivery/proof.ts';
import type { AlertChannel, WatchConfig } from '../config/resolved.ts';
import { replaceFile } from '../host/replace-file.ts';
import { alertsFolder } from '../pm2/home.ts';

export interface ChannelProof {
  readonly channel: string;
  readonly type: AlertChannel['type'];
  /** ISO 8601: when a message first went through as it is configured now; null: none has. */
  readonly provenAt: string | null;
}

/** Whether each channel has ever worked as it is configured now. */
export function proofsOf(pm2Home: string, { name, alerts }: Pick<WatchConfig, 'name' | 'alerts'>): ChannelProof[] {
  const folder = alertsFolder(pm2Home, name);
  return alerts.map((channel) => {
    const proof = validProof(readJson(proofFile(folder, channel.name)), channel);
    return { channel: channel.name, type: channel.type, provenAt: proof?.at ?? null };
  });
}

/** A channel took a message. */
export function saveProof(folder: string, channel: AlertChannel, answer: string, now: number): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  replaceFile(proofFile(folder, channel.name), JSON.stringify(proofOf(channel, answer, now)));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return null;
  }
}
