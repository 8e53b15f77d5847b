/** What a page tells its reader to do, in order. */
export type Step = FileStep | RunStep;

export interface FileStep {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
  readonly line: number;
}

export interface RunStep {
  readonly kind: 'run';
  readonly script: string;
  readonly fails: boolean;
  /** Lines that its output must have, `…` for anything. */
  readonly says: readonly string[];
  readonly line: number;
}

/**
 * The steps of a Markdown page: a fenced block `sh` is run, `sh fails` must not end in 0, one with a file's name after its language
 * is that file. A block `text` right after an `sh fails` is what that says; other `text` blocks are for people.
 */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  for (const found of page.matchAll(/^```(\w+)(?: (.+))?\n([\s\S]*?)^```$/gm)) {
    const [, language = '', rest = '', text = ''] = found;
    const line = page.slice(0, found.index).split('\n').length;
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ kind: 'run', script: text, fails: rest === 'fails', says: [], line });
    else if (language !== 'text' && rest !== '') steps.push({ kind: 'file', name: rest, text, line });
    else if (language === 'text' && last?.kind === 'run' && last.fails && last.says.length === 0) {
      steps.splice(-1, 1, { ...last, says: text.trim().split('\n') });
    }
  }
  return steps;
}

/** Those of the lines that an output does not have, whatever the width of its columns. */
export function unsaid(lines: readonly string[], output: string): string[] {
  return lines.filter(
    (line) =>
      !new RegExp(
        line
          .trim()
          .split(/\s*…\s*/)
          .map(pattern)
          .join('.*'),
      ).test(output),
  );
}

function pattern(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s+');
}
