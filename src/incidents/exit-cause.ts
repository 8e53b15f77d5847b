import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ExitInfo } from '../policy/event.ts';
import { redactUrls } from '../units/redact-urls.ts';
import { lastLines } from './last-lines.ts';

/** A process of PM2's that ended, by what PM2 itself says of it. */
export interface EndedProcess {
  readonly pmId: number;
  readonly name: string;
  /** From PM2's bus, where it is 0 for every signal too; null: not known. */
  readonly exitCode: number | null;
  readonly pm2Home: string;
  readonly errorFile: string;
  /** Wall clock, ms: an error log last written before that holds nothing of this process. null: not known. */
  readonly startedAt: number | null;
  /** Asked once when it died of SIGKILL: whether the OOM killer did that, see OomWatch.takeKill. */
  readonly takeOomKill: () => boolean;
}

const MAX_LINE = 300;
/** PM2 and the process write their logs a moment before or after PM2's event: they are looked at again for this long, this often. */
const LOOK_FOR_MS = 40;
const LOOK_EVERY_MS = 10;

/**
 * Why it ended, from PM2's own log (the signal), the OOM killer's count and the error log. Never rejects; takes some 40 ms at most,
 * as PM2 starts a crashed app again after 100 ms. The logs' ends are read synchronously: a busy thread pool must not cost the answer.
 */
export async function exitInfoOf(ended: EndedProcess): Promise<ExitInfo> {
  const end = performance.now() + LOOK_FOR_MS;
  const since = ended.startedAt === null ? 0 : ended.startedAt - 1_000;
  for (;;) {
    const said = newestExit(lastLines(join(ended.pm2Home, 'pm2.log')), ended);
    const lastError = tellingLine(lastLines(ended.errorFile, { maxBytes: 16 * 1024, since }));
    const isWhole = said !== null && (lastError !== null || said.signal !== null || said.code === 0);
    if (isWhole || performance.now() > end) return infoFrom(ended, said, lastError);
    await sleep(LOOK_EVERY_MS);
  }
}

function infoFrom(ended: EndedProcess, said: Exit | null, lastError: string | null): ExitInfo {
  const code = said?.code ?? (said === null ? ended.exitCode : null);
  const signal = said?.signal ?? null;
  // 137: a shell or npm in between says that its child was killed.
  const killed = signal === 'SIGKILL' || code === 137;
  return { code, signal, oom: killed && ended.takeOomKill(), lastError };
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * The newest line of pm2.log that says how this app's process ended; null: none.
 * PM2 writes 'SIGINT' when there was no signal at all, and code 0 when there was one.
 */
export function newestExit(lines: readonly string[], { name, pmId }: Pick<EndedProcess, 'name' | 'pmId'>): Exit | null {
  const start = `App [${name}:${pmId}] exited with code [`;
  const line = lines.findLast((text) => text.includes(start));
  if (line === undefined) return null;
  const [, code, signal = ''] = /code \[(\d+)\] via signal \[(\w+)\]/.exec(line.slice(line.indexOf(start))) ?? [];
  if (code === undefined) return null;
  return signal === 'SIGINT' ? { code: Number(code), signal: null } : { code: null, signal };
}

const NOISE = /^\s|^node:|^Node\.js v\d|^[\s^~{}[\])(,;]*$|^Traceback|^Require stack|^- \/|^at /;
const ERROR =
  /\b(\w*(Error|Exception)\b|error\b|EADDRINUSE|address already in use|fatal|panic|cannot|can't|failed|not found|no such file|denied)/i;

/** Of an error log's end, the line that says what was wrong: the last that speaks of an error, else the last one; null: none. */
export function tellingLine(lines: readonly string[]): string | null {
  const spoken = lines
    .slice(-40)
    .map((line) => stripVTControlCharacters(line))
    .filter((line) => !NOISE.test(line));
  const line = spoken.findLast((text) => ERROR.test(text)) ?? spoken.at(-1);
  if (line === undefined) return null;
  const clean = redactUrls(line.replace(/\p{Cc}+/gu, ' ')).trim();
  return clean.length > MAX_LINE ? `${clean.slice(0, MAX_LINE - 1)}…` : clean;
}
