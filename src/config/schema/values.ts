import { z } from 'zod';
import { parseTarget } from '../../health/target.ts';
import { type Duration, formatDuration, parseDuration } from '../../units/duration.ts';
import { type Parsed, refuse } from '../../units/parsed.ts';
import { formatSize, parseSize, type Size } from '../../units/size.ts';
import { splitCommand } from '../command-line.ts';

/** How a value looks to an editor; `title` names its type in the docs. */
interface JsonHints {
  readonly title: string;
  readonly type?: string | readonly string[];
  readonly [keyword: string]: unknown;
}

/**
 * A schema from a function that reads the value. Its issue's message is what was expected, as a phrase after "expected";
 * `params.hint` is the hint. `In` is what TypeScript lets one write.
 */
export function value<In, Out>(json: JsonHints, read: (input: unknown) => Parsed<Out>): z.ZodType<Out, In> {
  const schema = z.unknown().transform((input, context) => {
    const result = read(input);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.expected, params: { hint: result.hint } });
    return z.NEVER;
  });
  return schema.meta({ ...json }) as unknown as z.ZodType<Out, In>;
}

/** @param least and `most` in milliseconds. */
export function duration({ least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {}) {
  const json = {
    title: 'duration',
    type: ['string', 'number'],
    pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$',
    minimum: least,
    examples: ['250ms', '10s', '5m', '1h', '10d'],
  };
  return value<Duration, number>(json, (input) => {
    const parsed = parseDuration(input);
    if (!parsed.ok) return parsed;
    if (parsed.value < least) return refuse(`a duration of at least ${formatDuration(least)}`, milliseconds(input));
    if (parsed.value > most) return refuse(`a duration of at most ${formatDuration(most)}`);
    return parsed;
  });
}

/** @param least in bytes. */
export function size({ least = 0 }: { least?: number } = {}) {
  const json = {
    title: 'size',
    type: ['string', 'number'],
    pattern: '^\\d+(\\.\\d+)?[KMGT]$',
    minimum: least,
    examples: ['10M', '1G'],
  };
  return value<Size, number>(json, (input) => {
    const parsed = parseSize(input);
    if (!parsed.ok || parsed.value >= least) return parsed;
    return refuse(
      `a size of at least ${formatSize(least)}`,
      typeof input === 'number' ? `A number without a unit is bytes. Did you mean ${input}M?` : null,
    );
  });
}

/** Text that must match, with what to say when it does not. */
export function text(title: string, pattern: RegExp, expected: string, hint: (input: string) => string | null = () => null) {
  return value<string, string>({ title, type: 'string', pattern: pattern.source }, (input) => {
    if (typeof input === 'string') return pattern.test(input) ? { ok: true, value: input } : refuse(expected, hint(input));
    return refuse(expected, typeof input === 'number' || typeof input === 'boolean' ? 'Put it in quotes.' : null);
  });
}

export const someText = (title = 'text') => text(title, /\S/, 'a text that is not empty');

/** What is asked by HTTP: a path on the backend's port, a URL, or a socket file. */
export const httpTarget = targetText('URL', '', '');

/** What is checked: the same, or tcp://host:port. */
export const target = targetText('target', '|tcp://', ', or tcp://host:port');

function targetText(title: string, patternToo: string, expectedToo: string) {
  const json = {
    title,
    type: 'string',
    pattern: `^(/|https?://|unix:${patternToo})`,
    examples: ['/health', 'http://127.0.0.1:5555/health', 'unix:/run/app.sock:/health'],
  };
  const expected = `a path such as /health, a URL such as http://127.0.0.1:5555/health, unix:/run/app.sock:/health${expectedToo}`;
  return value<string, string>(json, (input) => {
    if (typeof input !== 'string') return refuse(expected);
    if (/^\/(?!\/)\S*$/.test(input)) return { ok: true, value: input };
    if (/^[\w.-]+(\/[\w.-]+)*$/.test(input)) return refuse(expected, `A path begins with a slash: /${input}.`);
    const isOther = patternToo === '' && input.startsWith('tcp:');
    return isOther ? refuse(expected) : readTarget(input, expected);
  });
}

/** A URL that holds no secret. */
export const publicUrl = value<string, string>({ title: 'URL', type: 'string', pattern: '^https?://' }, readWebUrl);

export const webUrl = value<string, string>({ title: 'URL', type: 'string', pattern: '^https?://', writeOnly: true }, readWebUrl);

export const smtpUrl = value<string, string>(
  { title: 'URL', type: 'string', pattern: '^smtps?://', writeOnly: true, examples: ['smtps://user:password@mail.example.org'] },
  (input) =>
    typeof input === 'string' ? readUrl(input, 'smtp://… or smtps://…', ['smtp:', 'smtps:']) : refuse('smtp://… or smtps://…'),
);

/** A program and its arguments in one line. Stays text; {@link splitCommand} makes words of it. */
export const commandLine = value<string, string>(
  { title: 'command line', type: 'string', examples: ['venv/bin/uvicorn main:app --port 5555'] },
  (input) => {
    if (typeof input !== 'string') return refuse('a program and its arguments, as one text');
    const words = splitCommand(input);
    return words.ok ? { ok: true, value: input } : words;
  },
);

/** A number or true and false become text, as every environment variable is text. */
export const scalarText = value<string | number | boolean, string>(
  { title: 'text', type: ['string', 'number', 'boolean'] },
  (input) => {
    if (typeof input === 'string' || typeof input === 'boolean' || typeof input === 'number') {
      return String(input).includes('\0') ? refuse('a text without a zero byte') : { ok: true, value: String(input) };
    }
    return refuse('a text, a number, true or false', input === null ? 'For an empty value write "".' : null);
  },
);

export const port = z.int().min(1).max(65_535).meta({ title: 'port' });

/** A property that is undefined in TypeScript is none. */
export function withoutUndefined(record: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function readTarget(input: string, expected: string): Parsed<string> {
  try {
    parseTarget(input);
    return { ok: true, value: input };
  } catch (error) {
    return refuse(expected, error instanceof TypeError ? error.message : null);
  }
}

function readWebUrl(input: unknown): Parsed<string> {
  const expected = 'a URL, http:// or https://';
  return typeof input === 'string' ? readUrl(input, expected, ['http:', 'https:']) : refuse(expected);
}

function readUrl(input: string, expected: string, schemes: readonly string[]): Parsed<string> {
  if (!URL.canParse(input)) return refuse(expected);
  const url = new URL(input);
  if (!schemes.includes(url.protocol)) return refuse(expected);
  if (url.protocol === 'tcp:' && (!url.port || !url.hostname))
    return refuse(expected, 'A tcp:// address needs a host and a port: tcp://127.0.0.1:6379.');
  return url.hostname || url.protocol.startsWith('postgres') ? { ok: true, value: input } : refuse(expected);
}

function milliseconds(input: unknown): string | null {
  return typeof input === 'number' && input > 0 ? `A number without a unit is milliseconds. Did you mean ${input}s?` : null;
}
