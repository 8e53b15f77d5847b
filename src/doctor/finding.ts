/** `error`: something does not work, or is about to stop. `warning`: it works, and will hurt one day. */
export type Severity = 'error' | 'warning';

/** Which part of the whole it is about; in this order they are told. */
export const GROUPS = ['backends', 'configuration', 'PM2', 'logs', 'boot', 'machine'] as const;
export type Group = (typeof GROUPS)[number];

/** What a rule saw. */
export interface Seen {
  /** A backend, a file, a unit; null: there is only one. */
  readonly subject: string | null;
  /** One clause: what is the case. */
  readonly symptom: string;
  /** What was seen that says so. */
  readonly evidence: string;
  /** What to type; null: nothing that could be typed helps. */
  readonly command: string | null;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
  /** What `--fix` does about it, see {@link Mend}. */
  readonly mend?: Mend;
}

/** A change that is safe: it takes nothing away and can be undone by hand. */
export type Mend =
  | { readonly do: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly do: 'mkdir'; readonly path: string };

/** One finding, as it is told and as `--json` gives it. */
export interface Finding extends Omit<Seen, 'severity'> {
  /** Stable: its heading in docs/troubleshooting.md. */
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  readonly why: string;
}

/** A mend in words. */
export function mendText(mend: Mend): string {
  return mend.do === 'chmod' ? `chmod ${mend.mode.toString(8)} ${mend.path}` : `mkdir -p ${mend.path}`;
}
