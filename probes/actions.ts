import { setTimeout as sleep } from 'node:timers/promises';
import type { Supervisor } from '../src/lifeguard/supervise.ts';
import { parseDuration } from '../src/units/duration.ts';

/** An action always answers, within this. */
const ANSWER_WITHIN_MS = 4_500;
const UNDER_WAY_AFTER_MS = 4_000;
const DEFAULT_PAUSE_MS = 10 * 60_000;

/** What one action is given: the backend that PARAM names (or the only one), and the words after it. */
interface Request {
  readonly supervisor: Supervisor;
  readonly backend: string;
  readonly words: readonly string[];
}

type Answer = Readonly<Record<string, unknown>>;

/** An action for the whole of lifeguard, or for one backend. */
type Handler =
  | { readonly scope: 'all'; run(supervisor: Supervisor, words: readonly string[]): Answer | Promise<Answer> }
  | { readonly scope: 'backend'; run(request: Request): Answer | Promise<Answer> };

export interface Extras {
  rotateLogs(): Promise<Answer>;
  incidents(count: number): Promise<readonly unknown[]>;
  /** @throws Error when no open alert is called so */
  acknowledge(id: string | undefined): Answer;
}

/** The custom actions of `pm2 trigger lifeguard NAME [PARAM]`, by name. */
export function actionTable(extras: Extras): Readonly<Record<string, Handler>> {
  return {
    status: {
      scope: 'all',
      run: (supervisor, words) => ({ backends: selected(supervisor, words).map((name) => supervisor.status(name)) }),
    },
    check: { scope: 'backend', run: async ({ supervisor, backend }) => ({ backend: await supervisor.check(backend) }) },
    restart: {
      scope: 'backend',
      run: ({ supervisor, backend }) => ({ backend: supervisor.command(backend, { name: 'restart' }) }),
    },
    pause: {
      scope: 'backend',
      run: ({ supervisor, backend, words }) => {
        const forMs = words[0] === undefined ? DEFAULT_PAUSE_MS : durationFrom(words[0]);
        return { backend: supervisor.command(backend, { name: 'pause', forMs }) };
      },
    },
    resume: {
      scope: 'backend',
      run: ({ supervisor, backend }) => ({ backend: supervisor.command(backend, { name: 'resume' }) }),
    },
    reset: { scope: 'backend', run: ({ supervisor, backend }) => ({ backend: supervisor.command(backend, { name: 'reset' }) }) },
    // A daemon that lags behind its apps can make it take longer than an answer may.
    'rotate-logs': {
      scope: 'all',
      run: () => Promise.race([extras.rotateLogs(), sleep(UNDER_WAY_AFTER_MS, { underWay: true })]),
    },
    incidents: {
      scope: 'all',
      run: async (_supervisor, words) => ({ incidents: await extras.incidents(Number(words[0] ?? 20)) }),
    },
    acknowledge: { scope: 'all', run: (_supervisor, words) => extras.acknowledge(words[0]) },
  };
}

/**
 * `pm2 trigger` hangs for ever when an answer comes before PM2 has told it how many there will be (CLI.trigger: its count is 0 until
 * then). So whoever asks without an id is answered a little later.
 */
export const PM2_COUNTS_MS = 250;

/**
 * Runs one action to its answer. Whatever fails, the answer says so: PM2 would wait for ever for one that never comes.
 * `param`: what `pm2 trigger` passes, `{}` when nothing was given; a last word `@…` is the asker's id and is repeated.
 */
export async function answer(handler: Handler, supervisor: Supervisor, param: unknown): Promise<Answer> {
  const words = typeof param === 'string' || typeof param === 'number' ? String(param).split(/\s+/).filter(Boolean) : [];
  const id = words.at(-1)?.startsWith('@') ? { id: words.pop() } : {};
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    });
    return { ok: true, ...(await Promise.race([run(handler, supervisor, words), late])), ...id };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error), ...id };
  } finally {
    clearTimeout(timer);
    if (id.id === undefined) await sleep(PM2_COUNTS_MS);
  }
}

async function run(handler: Handler, supervisor: Supervisor, words: readonly string[]): Promise<Answer> {
  if (handler.scope === 'all') return handler.run(supervisor, words);
  const [first, ...rest] = words;
  if (first !== undefined && supervisor.names.includes(first)) return handler.run({ supervisor, backend: first, words: rest });
  const [only, ...others] = supervisor.names;
  if (only !== undefined && others.length === 0) return handler.run({ supervisor, backend: only, words });
  throw new Error(`which backend? Put its name first, one of: ${supervisor.names.join(', ')}`);
}

function selected(supervisor: Supervisor, words: readonly string[]): readonly string[] {
  const [name] = words;
  if (name === undefined) return supervisor.names;
  if (!supervisor.names.includes(name))
    throw new Error(`no backend is called ${name}; there are: ${supervisor.names.join(', ')}`);
  return [name];
}

function durationFrom(word: string): number {
  const parsed = parseDuration(word);
  if (parsed.ok) return parsed.value;
  throw new Error([`'${word}' is not ${parsed.expected}.`, parsed.hint].filter(Boolean).join(' '));
}
