import type { Remark } from './plan.ts';

/** The first lines of every file of an export. `without`: what the target has no word for. Without the `#`. */
export function headerOf(made: string, remarks: readonly Remark[]): string[] {
  const heading = remarks.length > 0 ? ['', 'What your configuration says and this file cannot, or says otherwise:'] : [];
  return [made, ...heading, ...remarks.map(({ about, text }) => `- ${about}: ${text}`)].map(withoutBreaks);
}

/** As comments for YAML and unit files alike. */
export function commented(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n');
}

/** A value of the configuration may hold a line break: what follows it would be no comment any more. */
function withoutBreaks(line: string): string {
  return line.replace(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ');
}
