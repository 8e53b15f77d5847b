import type { Facts } from './facts.ts';
import type { Group, Seen, Severity } from './finding.ts';

/** One thing that can be wrong. What is told of it, here and in docs/troubleshooting.md, stands in it. */
export interface Rule {
  readonly id: string;
  readonly group: Group;
  readonly severity: Severity;
  /** The heading of its page. */
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do, in a sentence or two. */
  readonly cure: string;
  /** An example of what to type. */
  readonly example: string | null;
  /** The facts without which it says nothing. */
  readonly needs: readonly (keyof Facts)[];
  /** Pure. */
  find(facts: Facts): readonly Seen[];
}

/** A rule that is given the facts that it needs, and no others. */
export function rule<K extends keyof Facts>(
  rule: Omit<Rule, 'needs' | 'find'> & { readonly needs: readonly K[]; find(facts: Pick<Facts, K>): readonly Seen[] },
): Rule {
  return rule;
}
