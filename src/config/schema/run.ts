import { z } from 'zod';
import { commandLine, duration, scalarText, someText, withoutUndefined } from './values.ts';

/** Names as a shell takes them. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const variableName = z.string().regex(VARIABLE, { error: 'a variable name: letters, digits and _, no digit first' });

/** Environment variables, NAME: value. */
export const environment = z
  .record(variableName, scalarText.optional(), { error: 'variables, each as NAME: value' })
  .transform(withoutUndefined);

const beforeCommand = z
  .strictObject({
    command: commandLine.describe(
      'The program and its arguments. Run in `run.cwd`, with the environment of the backend, without a shell.',
    ),
    timeout: duration({ least: 100 })
      .prefault('5m')
      .describe('Not ended within this, it has failed, and its whole tree is killed.'),
  })
  .describe('A command before a start.');

const known = z.looseObject({
  command: commandLine
    .optional()
    .describe('A program and its arguments, split into words as a shell does, but run without one. This or `script`.'),
  script: someText('path').optional().describe('A script file, as PM2 takes it: `.js`, `.ts`, `.py`, `.sh` … This or `command`.'),
  interpreter: someText('program')
    .nullable()
    .prefault(null)
    .describe("What runs `script`. null: by the file's extension; `none`: it runs by itself."),
  args: z.array(scalarText).prefault([]).describe('Arguments of `script`, one an entry.'),
  cwd: someText('path').prefault('.').describe('The folder that it runs in.'),
  instances: z.int().min(1).max(256).prefault(1).describe('More than 1: PM2 cluster mode, Node scripts only.'),
  env: environment
    .prefault({})
    .describe('Environment variables. They end up in PM2 (`pm2 env`, its dump file): for secrets use `env_file`.'),
  env_file: someText('path')
    .nullable()
    .prefault(null)
    .describe("A file of NAME=value lines, read when the app starts. Its values never reach PM2's dump file."),
  before: z
    .array(beforeCommand)
    .prefault([])
    .describe(
      'Run one after the other before a start by an operator or a boot, not before a restart: migrations. One that fails stops the start.',
    ),
  once: z
    .boolean()
    .prefault(false)
    .describe('true: a job that ends, and that others can wait for. One that fails is tried again with the backoff.'),
});

/** `run`: what is started. Beside its keys any `env_NAME` holds variables that `--env NAME` lays over `env`. */
export const run = known
  .check(always((payload) => checkOtherKeys(payload)))
  .transform(({ command, script, interpreter, args, cwd, instances, env, env_file, before, once, ...others }) => ({
    ...{ command, script, interpreter, args, cwd, instances, env, env_file, before, once },
    env_by_name: environmentsByName(others),
  }))
  .describe('What is started: `command` or `script`.');

/** zod goes on after an unknown key: it is passed over here, as it has been told. */
function environmentsByName(others: Record<string, unknown>): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(others).flatMap(([key, value]) => {
      const parsed = environment.safeParse(value);
      return key.startsWith('env_') && parsed.success ? [[key.slice('env_'.length), parsed.data]] : [];
    }),
  );
}

/** Keys that are neither known nor `env_NAME`; and what is wrong inside an `env_NAME`. */
function checkOtherKeys({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  if (typeof value !== 'object' || value === null) return;
  const others = Object.keys(value).filter((key) => !(key in known.shape));
  const unknown = others.filter((key) => !/^env_\w+$/.test(key));
  if (unknown.length > 0) issues.push({ code: 'unrecognized_keys', keys: unknown, input: value, path: [] });
  for (const key of others.filter((other) => !unknown.includes(other))) {
    const result = environment.safeParse(value[key]);
    for (const issue of result.error?.issues ?? []) issues.push({ ...issue, path: [key, ...issue.path] } as z.core.$ZodRawIssue);
  }
}

/** A check that also runs when a key of the object is already known to be wrong, so that all mistakes are told at once. */
function always<T>(check: (payload: z.core.ParsePayload<T>) => void): z.core.$ZodCheck<T> {
  return z.core._check(check as (payload: z.core.ParsePayload) => void, { when: () => true } as never) as z.core.$ZodCheck<T>;
}
