import type { Finding } from '../../doctor/finding.ts';
import type { Rule } from '../../doctor/rule.ts';
import type { Context } from '../context.ts';
import { wrapped } from './wrap.ts';

type Look = Pick<Context, 'paint' | 'columns'>;

const INDENT = 9;

/** The findings for people, the worst first, and below them how many there are. */
export function doctorReport(findings: readonly Finding[], look: Look): string {
  if (findings.length === 0) return look.paint('green', 'Nothing is wrong, as far as can be seen.');
  const [first] = findings;
  const more = `docs/troubleshooting.md has a page for each: #${first?.id}`;
  return [...findings.map((finding) => findingText(finding, look)), '', `${countOf(findings)}. ${look.paint('dim', more)}`].join(
    '\n',
  );
}

function findingText({ id, severity, subject, symptom, evidence, why, command }: Finding, { paint, columns }: Look): string {
  const word = paint(severity === 'error' ? 'red' : 'yellow', severity.padEnd(INDENT));
  const what = `${subject === null ? '' : `${paint('bold', subject)}: `}${symptom} ${paint('dim', `(${id})`)}`;
  const below = (text: string) => wrapped(`${' '.repeat(INDENT)}${text}`, columns, INDENT);
  return [
    wrapped(`${word}${what}`, columns, INDENT),
    below(evidence),
    below(paint('dim', why)),
    ...(command === null ? [] : [`${' '.repeat(INDENT)}type: ${paint('cyan', command)}`]),
  ].join('\n');
}

/** What is fine, a line each. */
export function fineReport(rules: readonly Rule[], { paint }: Look): string[] {
  return rules.map(
    ({ id, title }) => `${paint('green', 'fine'.padEnd(INDENT))}not the case: ${title} ${paint('dim', `(${id})`)}`,
  );
}

export function countOf(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return [errors, warnings]
    .map((count, i) => (count === 0 ? '' : counted(count, i === 0 ? 'error' : 'warning')))
    .filter(Boolean)
    .join(', ');
}
