import { tellingLine } from '../../incidents/exit-cause.ts';
import { lastLines } from '../../incidents/last-lines.ts';
import { redactUrls } from '../../units/redact-urls.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { type BackendSituation, judge, type Situation } from '../looking/situation.ts';
import { report } from './report.ts';

const LAST_WORDS = 8;

/**
 * Tells how it came out, of a start or a restart: the table, what a sick backend wrote last, and what to type next.
 * @param began wall clock, ms: an error log last written before the command began, and before the app did, is of another time
 */
export async function tellOutcome(context: Context, situation: Situation, json: boolean, began: number): Promise<ExitStatus> {
  const status = judge(situation);
  if (json) {
    context.print(situationJson(situation));
    return status;
  }
  context.print(`${report(situation, context)}\n`);
  for (const { name, errorFile, uptimeMs } of notWell(situation)) {
    const since = Math.min(began, Date.now() - (uptimeMs ?? 0));
    const lines =
      errorFile === null ? [] : telling(lastLines(errorFile, { since }).filter(isNew)).map((line) => redactUrls(line));
    if (lines.length === 0) continue;
    const title = context.paint('bold', `What ${name} wrote last`);
    context.print(`${title} (${errorFile}):\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
  }
  context.print(nextSteps(situation, status, context));
  return status;
}

/** The last lines, or from an earlier one on where that says what was wrong: a stack trace is long. */
function telling(lines: readonly string[]): readonly string[] {
  const line = tellingLine(lines);
  const at = line === null ? -1 : lines.findLastIndex((each) => each.includes(line));
  const from = Math.max(0, Math.min(lines.length - LAST_WORDS, at < 0 ? lines.length : at));
  return lines.slice(from, from + LAST_WORDS);
}

/** A start that fails again and again writes the same again and again. */
function isNew(line: string, index: number, lines: readonly string[]): boolean {
  return line !== lines[index - 1];
}

function notWell({ backends, companions }: Situation): readonly Pick<BackendSituation, 'name' | 'errorFile' | 'uptimeMs'>[] {
  return [...companions.filter(({ status }) => status !== 'online'), ...backends.filter(({ verdict }) => verdict !== 'well')];
}

/** For `--json`: the same data, and the verdict as a word; `more` beside it. */
export function situationJson(situation: Situation, more: object = {}): string {
  const words = { [EXIT.well]: 'well', [EXIT.problem]: 'problem', [EXIT.down]: 'down', [EXIT.usage]: 'usage' };
  return JSON.stringify({ verdict: words[judge(situation)], ...situation, ...more }, null, 2);
}

function nextSteps(situation: Situation, status: ExitStatus, { environment, paint }: Context): string {
  const npm = environment.npm_package_name === 'pm2-lifeguard' && environment.npm_lifecycle_event !== 'npx';
  const typed = (command: string, ...names: string[]) =>
    [npm ? `npm run ${command}` : `npx lifeguard ${command}`, ...(npm && names.length > 0 ? ['--'] : []), ...names].join(' ');
  const steps: (readonly [string, string])[] = [
    ...(status === EXIT.well ? tryIt(situation) : []),
    ['state', typed('status')],
    ['logs', typed('logs', ...sick(situation))],
    ...(situation.page === null ? [] : [['page', situation.page] as const]),
    ['stop', npm ? 'npm stop' : typed('stop')],
  ];
  return [paint('dim', 'Next:'), ...steps.map(([label, command]) => `  ${label.padEnd(6)} ${paint('cyan', command)}`)].join('\n');
}

/** A URL that can be asked by anybody: nothing is left out of it. */
function tryIt({ backends }: Situation): [string, string][] {
  const health = backends.find(({ liveness }) => /^https?:[^\s*]+$/.test(liveness ?? ''))?.liveness;
  return health ? [['try', `curl ${health}`]] : [];
}

/** Whose logs tell why it is not well: one backend's alone. */
function sick({ backends }: Situation): string[] {
  const names = backends.filter(({ verdict }) => verdict !== 'well').map(({ name }) => name);
  return names.length === 1 ? names : [];
}
