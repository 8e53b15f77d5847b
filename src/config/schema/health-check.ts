import { z } from 'zod';
import { textOrSection } from '../checks/one-of.ts';
import { commandLine, duration, httpTarget, scalarText, someText, target, text, withoutUndefined } from './values.ts';

/** What HTTP allows in a header's name and value (RFC 9110, 5.1 and 5.5): nothing that could end a line. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Of the connection itself, which is lifeguard's. */
const NOT_GIVEN = /^(connection|content-length|transfer-encoding|expect|upgrade|te|trailer)$/i;

const headerName = z
  .string()
  .regex(HEADER_NAME, { error: 'a header name: letters, digits and -' })
  .refine((name) => !NOT_GIVEN.test(name), { error: 'a header other than those of the connection itself' });

const headerValue = scalarText.refine((text) => HEADER_VALUE.test(text), {
  error: 'a text of one line, in Latin letters',
});

/** Request headers, NAME: value. Secrets. */
export const headers = z
  .record(headerName, headerValue.optional(), { error: 'headers, each as NAME: value' })
  .transform(withoutUndefined)
  .meta({ writeOnly: true });

const STATUS = { error: 'a status such as 200, or a list of them' };
const status = z.int(STATUS).min(100, STATUS).max(599, STATUS).meta({ title: 'status' });

const expect = z.strictObject({
  status: z
    .union([status, z.array(status).min(1)], STATUS)
    .transform((one) => (Array.isArray(one) ? one : [one]))
    .nullable()
    .prefault(null)
    .describe('A status, or a list of them, that counts as a success. null: any below 400.'),
  body: someText('text').nullable().prefault(null).describe('A text that the first 64 KiB of the body must have.'),
  json: z
    .record(z.string(), z.unknown(), { error: 'keys that the body must have, each as NAME: value' })
    .nullable()
    .prefault(null)
    .describe("What the body's JSON must have, among other things: `{ status: healthy }`."),
});

const httpCheck = z
  .strictObject({
    http: httpTarget.describe('A path on `port`, an http(s):// URL, or unix:/run/app.sock:/health for a socket file.'),
    method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS']).prefault('GET').describe('How it is asked.'),
    headers: headers.prefault({}).describe('Request headers, over those of `health.headers`. Never shown.'),
    expect: expect.nullable().prefault(null).describe('What a good answer is like. null: any below 400.'),
  })
  .meta({ title: 'HttpCheck', description: 'Asked by HTTP.' });

const exec = z.strictObject({
  command: commandLine.describe(
    'The program and its arguments. Run in `run.cwd`, with `run.env` and `run.env_file`, without a shell.',
  ),
  timeout: duration({ least: 10, most: 600_000 })
    .prefault('10s')
    .describe('Not ended within this, it has failed, and its whole tree is killed.'),
  interval: duration({ least: 1_000 })
    .prefault('30s')
    .describe('Between two runs while all is well, four times as often else. Never two at a time.'),
});

const commandCheck = z.strictObject({ exec: exec.describe('What is run, and how often.') }).meta({
  title: 'CommandCheck',
  description: 'A command: 0 is well, any other exit status is not; 126 and 127 say that the check itself is broken.',
});

const grpcCheck = z
  .strictObject({
    grpc: text(
      'host:port/service',
      /^(?=.)(([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5})?(\/[\w./-]*)?$/,
      'host:port, host:port/package.Service, or /package.Service on `port`',
    ).describe('Where, and which service; without one the server as a whole. /package.Service is on `port`.'),
    tls: z.boolean().prefault(false).describe('Over TLS. The certificate of this machine itself may be any.'),
  })
  .meta({ title: 'GrpcCheck', description: "Asked by gRPC's standard health protocol, grpc.health.v1." });

const heartbeat = z.strictObject({
  file: someText('path')
    .nullable()
    .prefault(null)
    .describe('A file that the backend changes. null: it writes a byte to the socket whose path it finds in LIFEGUARD_BEAT.'),
  within: duration({ least: 1_000 }).prefault('60s').describe('Without a heartbeat for longer than this it hangs.'),
});

const heartbeatCheck = z.strictObject({ heartbeat: heartbeat.describe('Where it is heard, and how often it must be.') }).meta({
  title: 'HeartbeatCheck',
  description: 'A sign of life that the backend gives by itself, for one that does not listen anywhere.',
});

/** One check, as text or as a section of its own. */
export const check = textOrSection(target, [httpCheck, commandCheck, grpcCheck, heartbeatCheck]);
