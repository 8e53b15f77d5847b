import type { HttpAsk } from '../../config/resolved.ts';
import { checkTarget } from '../check.ts';
import type { DependencyAnswer } from '../dependency-answer.ts';
import { parseTarget, type Target } from '../target.ts';
import { amqpProbe } from './amqp.ts';
import type { DependencyProbe } from './kept-connection.ts';
import { mongodbProbe } from './mongodb.ts';
import { mysqlProbe } from './mysql.ts';
import { postgresProbe } from './postgres.ts';
import { redisProbe } from './redis.ts';

/** lifeguard's own check of something that a backend depends on. */
export interface DependencyCheck {
  /**
   * Asks now. Never rejects, resolves within the deadline. When the check itself failed (our own event loop was late, no socket to
   * be had) the last answer stands; before there was one, the dependency counts as up, as one that nobody checks does.
   */
  check(deadlineMs: number): Promise<DependencyAnswer>;
  /** Lets go of a kept connection. The check may be used again. */
  close(): void;
}

/** A round trip over one kept connection, by a client that is loaded when it is first needed. */
const PROBES: readonly (readonly [scheme: RegExp, open: (check: string) => DependencyProbe])[] = [
  [/^postgres(ql)?(\+\w+)?:\/\//, postgresProbe],
  [/^rediss?:\/\//, redisProbe],
  [/^(mysql|mariadb)(\+\w+)?:\/\//, mysqlProbe],
  [/^mongodb(\+srv)?:\/\//, mongodbProbe],
  [/^amqps?:\/\//, amqpProbe],
  // Another backend: how it is lifeguard knows without asking, and whoever knows does not ask here.
  [/^backend:/, () => ({ check: () => Promise.resolve(null), close: () => {} })],
];

/** A redirect is an answer: it is not asked how that other place is. */
const AS_IT_ANSWERS: HttpAsk = {
  method: 'GET',
  headers: {},
  expect: { status: [301, 302, 303, 307, 308], body: null, json: null },
};

/**
 * The check that a `check:` key names.
 *
 * - `postgres://`, also with a driver as SQLAlchemy writes it (`postgresql+asyncpg://`), `mysql://`, `redis://`, `mongodb://`, `amqp://`: a
 *   query that makes the whole round trip.
 * - `postgres+file:///absolute/path`: the same; the URL is what that file holds when a connection is made.
 * - `tcp://host:port`: it accepts connections.
 * - `http(s)://`: it answers with a status below 500.
 * @throws TypeError for anything else. The message holds no password
 */
export function openDependency(check: string): DependencyCheck {
  const open = PROBES.find(([scheme]) => scheme.test(check))?.[1];
  const probe = open ? open(check) : targetProbe(parseTarget(check, AS_IT_ANSWERS));
  let last: DependencyAnswer = { up: true, detail: 'not known yet' };
  return {
    async check(deadlineMs) {
      last = (await probe.check(deadlineMs)) ?? last;
      return last;
    },
    close: probe.close,
  };
}

/** One check, without a connection that stays. Never rejects. See {@link openDependency}. */
export async function checkDependency(check: string, deadlineMs: number): Promise<DependencyAnswer> {
  let dependency: DependencyCheck;
  try {
    dependency = openDependency(check);
  } catch (error) {
    return { up: false, detail: error instanceof Error ? error.message : String(error) };
  }
  try {
    return await dependency.check(deadlineMs);
  } finally {
    dependency.close();
  }
}

function targetProbe(target: Target): DependencyProbe {
  const { place } = target;
  return {
    async check(deadlineMs) {
      const answer = await checkTarget(target, deadlineMs);
      switch (answer.kind) {
        case 'answer':
          if (target.kind === 'tcp') return { up: true, detail: `${place} accepts connections` };
          return { up: answer.status < 500, detail: `${place} answers ${answer.status}` };
        case 'refused':
          return { up: false, detail: `${place} refuses the connection` };
        case 'timeout':
          return { up: false, detail: `${place} gave no answer within ${deadlineMs} ms` };
        case 'broken':
          return { up: false, detail: `${place} broke the connection (${answer.code})` };
        case 'misdirected':
          return { up: false, detail: `its check ${answer.detail}` };
        case 'void':
        case 'well':
        case 'sick':
        case 'silent':
          return null;
      }
    },
    close: () => {},
  };
}
