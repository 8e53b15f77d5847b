import { z } from 'zod';
import { parseTarget } from '../../health/target.ts';
import { type Parsed, refuse } from '../../units/parsed.ts';
import { someText, value } from './values.ts';

/** By URL, as clients take them; a driver's name after a + as SQLAlchemy writes it. */
const SERVERS = /^(postgres(ql)?(\+\w+)?|(mysql|mariadb)(\+\w+)?|rediss?|amqps?):\/\//;
/** May name several hosts, which no URL can. */
const MONGODB = /^mongodb(\+srv)?:\/\/([^@/\s]*@)?[^@/\s]+(\/\S*)?$/;
const BACKEND = /^backend:[\w.-]+$/;
const EXPECTED =
  'postgres://…, mysql://…, mongodb://…, redis://…, amqp://…, tcp://host:port, http(s)://…, or backend:NAME of another one here';

/** What lifeguard asks a dependency by. Secrets may be in it. */
const dependencyCheck = value<string, string>(
  {
    title: 'check',
    type: 'string',
    pattern:
      '^((postgres(ql)?(\\+\\w+)?|(mysql|mariadb)(\\+\\w+)?|mongodb(\\+srv)?|rediss?|amqps?|tcp|https?)://|postgres\\+file:|backend:)',
    writeOnly: true,
    examples: ['postgres://user@host/database', 'redis://127.0.0.1:6379/0', 'backend:auth'],
  },
  (input) => {
    if (typeof input !== 'string') return refuse(EXPECTED);
    const right: Parsed<string> = { ok: true, value: input };
    if (input.startsWith('postgres+file:') || BACKEND.test(input)) return right;
    if (input.startsWith('mongodb')) return MONGODB.test(input) ? decodable(input, right) : refuse(EXPECTED);
    if (SERVERS.test(input)) return readServer(input, right);
    const scheme = /^([a-z]+):\/\//.exec(input)?.[1];
    if (scheme !== undefined && !/^(https?|tcp)$/.test(scheme))
      return refuse(EXPECTED, `There is no check for ${scheme}://; tcp://host:port asks whether something listens there.`);
    try {
      parseTarget(input);
      return right;
    } catch (error) {
      return refuse(EXPECTED, error instanceof TypeError && scheme !== undefined ? error.message : null);
    }
  },
);

export const dependency = z
  .strictObject({
    name: someText('name').describe('What it is called in messages and metrics.'),
    check: dependencyCheck.describe(
      'What lifeguard asks by itself: postgres://…, mysql://…, redis://… (rediss:// over TLS), mongodb://… or amqp://… with a query of their own; tcp://host:port, http(s)://…; postgres+file:PATH of a file that holds a URL; backend:NAME of another backend here.',
    ),
    field: someText('field')
      .nullable()
      .prefault(null)
      .describe("Where the health answer's body names this dependency, such as `services.database`."),
    start: z
      .enum(['healthy', 'started', 'completed'], { error: 'one of healthy, started, completed' })
      .nullable()
      .prefault(null)
      .describe(
        'A start by an operator or a boot waits until it is healthy; of a backend: until it has `started`, or, a job with `run.once`, has `completed`. null: it does not wait.',
      ),
    restart_with: z
      .boolean()
      .prefault(false)
      .describe('true, of another backend: when that was restarted, and is well again, this one is restarted too, once.'),
  })
  .describe('What a backend cannot do without.');

function readServer(input: string, right: Parsed<string>): Parsed<string> {
  // By a socket file there is no host: postgres:///name?host=/run/postgresql.
  const asHttp = input.replace(/^[^:]+:\/\/(?=\/)/, 'http://localhost').replace(/^[^:]+:/, 'http:');
  return URL.canParse(asHttp) ? decodable(input, right) : refuse(EXPECTED);
}

/** Clients decode user and password only when they connect. */
function decodable(input: string, right: Parsed<string>): Parsed<string> {
  const [, userInfo = ''] = /^[^:]+:\/\/([^@/]*)@/.exec(input) ?? [];
  try {
    decodeURIComponent(userInfo);
    return right;
  } catch {
    return refuse(EXPECTED, 'A % in a user name or a password is written %25.');
  }
}
