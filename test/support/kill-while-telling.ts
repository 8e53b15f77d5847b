import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageChannel } from '../../src/config/resolved.ts';
import { ALERT_KINDS } from '../../src/config/schema/alerts.ts';
import { webhook } from './alerting.ts';
import { Mailbox } from './mailbox.ts';
import { type Received, Receiver } from './receiver.ts';
import { removeFolder } from './remove-folder.ts';
import { ROOT } from './sandbox.ts';

/** One message, as a receiver that knows the key keeps it. */
export interface ToldMessage {
  readonly key: string;
  readonly event: string;
  /** Whom it is about. */
  readonly names: readonly string[];
}

/** However slow the machine is: telling takes seconds, and an e-mail a second goes out. */
const STUCK_MS = 120_000;
const STUCK_MS_EACH = 4_000;

export interface Told {
  readonly kills: number;
  /** By channel: the messages in the order of their first arrival, and how many came. */
  readonly channels: Readonly<Record<string, { readonly messages: readonly ToldMessage[]; readonly received: number }>>;
}

/**
 * Tells of `troubles` over a webhook that often fails, an e-mail server and a command, and kills the teller with SIGKILL at `kills`
 * random moments of it.
 */
export async function killWhileTelling({ kills, troubles }: { kills: number; troubles: number }): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-kill-'));
  const hook = await Receiver.start((_, count) => {
    const met = behaviour(count);
    return met === 'hang' ? 'hang' : met === 'refused' ? { status: 503 } : {};
  });
  const mailbox = await Mailbox.start();
  const [script, log] = [join(folder, 'tell.sh'), join(folder, 'told.jsonl')];
  writeFileSync(script, `#!/bin/sh\ncat >> ${log}\n`);
  chmodSync(script, 0o755);
  const channels: MessageChannel[] = [
    webhook(hook.url, 'hook'),
    { type: 'email', name: 'mail', smtp: mailbox.url, from: 'a@example.org', to: ['b@example.org'], on: ALERT_KINDS },
    { type: 'command', name: 'command', program: script, args: [], timeoutMs: 5_000, on: ALERT_KINDS },
  ];
  try {
    const killed = await tellAndKill(
      [folder, JSON.stringify(channels), String(troubles)],
      kills,
      STUCK_MS + troubles * STUCK_MS_EACH,
    );
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
    const hooked = hook.received.filter(isAccepted).map(({ json }) => messageIn(json));
    const commanded = lines.map((line) => messageIn(JSON.parse(line) as Record<string, unknown>));
    const known = new Map([...hooked, ...commanded].map((message) => [messageId(message.key), message]));
    const mailed = mailbox.mails.map(({ headers }): ToldMessage => {
      const key = headers['message-id'] ?? '';
      return { key, event: eventOf(headers.subject ?? ''), names: known.get(key)?.names ?? [] };
    });
    const channelOf = (all: readonly ToldMessage[]) => ({ messages: firstOfEach(all), received: all.length });
    return { kills: killed, channels: { hook: channelOf(hooked), mail: channelOf(mailed), command: channelOf(commanded) } };
  } finally {
    await hook.stop();
    await mailbox.stop();
    await removeFolder(folder);
  }
}

async function tellAndKill(args: readonly string[], kills: number, stuckMs: number): Promise<number> {
  for (let killed = 0; ; killed++) {
    const child = start(args);
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    // What hangs is ended here, with what it had left to tell: it would outlive the test and hold its output open.
    let isStuck = false;
    const stuck = setTimeout(() => {
      isStuck = child.kill('SIGKILL');
    }, stuckMs);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    if (killed < kills) {
      await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended]);
      await Promise.race([sleep(Math.random() * 800), ended]);
      child.kill('SIGKILL');
    }
    const [code] = await ended;
    clearTimeout(stuck);
    // Node itself may hang while it loads or ends: that says nothing of what is told.
    if (isStuck && said.includes('told all')) return killed;
    if (isStuck && said !== '')
      throw new Error(`teller ${killed + 1} did not end within ${stuckMs / 1_000} s; it said ${said}; ${leftIn(args[0] ?? '')}`);
    if (code === 0) return killed;
    if (code !== null) throw new Error(`the teller ended with exit code ${code}`);
  }
}

/** What a teller still has to tell. */
function leftIn(folder: string): string {
  const files = join(folder, 'alerts');
  if (!existsSync(files)) return 'it has written nothing';
  return readdirSync(files)
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${name}: ${readFileSync(join(files, name), 'utf8').slice(0, 2_000)}`)
    .join('\n');
}

function start(args: readonly string[]): ChildProcess {
  const script = join(ROOT, 'test/support/teller-child.ts');
  return spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function isAccepted(_: Received, index: number): boolean {
  return behaviour(index + 1) !== 'refused';
}

/** Of the hook: some requests are refused, some never answered, though they have arrived. */
function behaviour(count: number): 'refused' | 'hang' | 'ok' {
  return count % 5 === 0 ? 'refused' : count % 11 === 0 ? 'hang' : 'ok';
}

function messageIn(json: Readonly<Record<string, unknown>>): ToldMessage {
  const subjects = json.subjects as readonly { readonly name: string }[];
  return { key: String(json.key), event: String(json.event), names: subjects.map(({ name }) => name) };
}

function messageId(key: string): string {
  return `<${`${key}.vm1`.replace(/[^\w.-]+/g, '.')}@pm2-lifeguard>`;
}

function eventOf(subject: string): string {
  return subject.startsWith('[OK]') ? 'ended' : subject.startsWith('[WAS') ? 'past' : 'opened';
}

function firstOfEach(all: readonly ToldMessage[]): ToldMessage[] {
  const keys = new Set<string>();
  return all.filter(({ key }) => !keys.has(key) && keys.add(key));
}
