import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExitInfo } from '../../policy/event.ts';
import type { Findings } from './gather.ts';
import { type Hide, hidesHeader } from './hide.ts';
import type { FailedAnswer, ShortCheck } from './recent-checks.ts';

/** `evidence.json`: what was known of a backend at one moment, before its process was touched. Times ISO 8601. */
export interface Evidence extends Pick<Findings, 'processes' | 'acceptQueues' | 'machine' | 'missing'> {
  readonly backend: string;
  readonly incident: number;
  readonly at: string;
  /** What the journal says of it. */
  readonly reason: { readonly code: string; readonly text: string };
  /** How its process ended; null: it did not. */
  readonly exit: ExitInfo | null;
  /** How long the look took. */
  readonly tookMs: number;
  /** The oldest first. */
  readonly checks: readonly (Omit<ShortCheck, 'at'> & { readonly at: string })[];
}

/** The parts that are files of text. */
export interface Texts {
  readonly failures: readonly FailedAnswer[];
  readonly findings: Findings;
}

/**
 * Writes one folder, readable for its owner alone; it appears under its name when it is whole.
 * @throws the file system's error
 */
export async function writeEvidence(
  folder: string,
  evidence: Evidence,
  { failures, findings }: Texts,
  hide: Hide,
): Promise<void> {
  const files: Record<string, string> = {
    'evidence.json': `${hiddenJson(evidence, hide)}\n`,
    'answers.txt': failures.map((failed) => answerText(failed, hide)).join('\n\n'),
    'log.txt': findings.log.join('\n'),
    'error-log.txt': findings.errorLog.join('\n'),
    ...Object.fromEntries(findings.stacks.map(({ pid, text }) => [`stack-${pid}.txt`, text])),
  };
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const fresh = join(dirname(folder), `.${basename(folder)}.new`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    if (text !== '') await writeFile(join(fresh, name), text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
  await rename(fresh, folder);
}

/** As it came over the wire, without its secrets. */
function answerText({ at, of, answer, whole }: FailedAnswer, hide: Hide): string {
  const head = `# ${of}, ${new Date(at).toISOString()}`;
  if (whole === null) return `${head}\n${hiddenJson(answer, hide)}`;
  const status = 'status' in answer ? `HTTP ${answer.status}` : answer.kind;
  const headers = whole.headers.map(([name, value]) => `${name}: ${hidesHeader(name) ? '***' : hide(value)}`);
  return [head, status, ...headers, '', hide(whole.body)].join('\n');
}

/** Each text by itself: within JSON a quote would not be one. */
function hiddenJson(value: unknown, hide: Hide): string {
  return JSON.stringify(value, (_key, each: unknown) => (typeof each === 'string' ? hide(each) : each), 2);
}
