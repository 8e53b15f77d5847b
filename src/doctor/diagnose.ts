import type { Facts, Looked } from './facts.ts';
import { type Finding, GROUPS, type Seen } from './finding.ts';
import type { Rule } from './rule.ts';

/** What the rules find in the facts, the worst first. A look or a rule that failed is a finding itself, of its own alone. Pure. */
export function diagnose(looked: Looked, rules: readonly Rule[]): Finding[] {
  const known = Object.fromEntries(Object.entries(looked).flatMap(([name, fact]) => (fact.ok ? [[name, fact.value]] : [])));
  const unknown = Object.entries(looked).flatMap(([name, fact]) => (fact.ok ? [] : [checkFailed(name, fact.why)]));
  const found = rules
    .filter(({ needs }) => needs.every((name) => looked[name].ok))
    .flatMap((rule): Finding[] => {
      try {
        return rule.find(known as unknown as Facts).map((seen) => findingOf(rule, seen));
      } catch (error) {
        return [checkFailed(rule.id, String(error))];
      }
    });
  return [...found, ...unknown].sort((a, b) => rank(a) - rank(b));
}

/** Those that say that all is well, for --verbose. */
export function rulesWithout(findings: readonly Finding[], looked: Looked, rules: readonly Rule[]): Rule[] {
  return rules.filter(
    ({ id, needs }) => needs.every((name) => looked[name].ok) && !findings.some((finding) => finding.id === id),
  );
}

function findingOf({ id, group, severity, why }: Rule, seen: Seen): Finding {
  return { id, group, why, ...seen, severity: seen.severity ?? severity };
}

/** Errors first, then by group; the sort keeps the order of the table within. */
function rank({ severity, group }: Finding): number {
  return (severity === 'error' ? 0 : GROUPS.length) + GROUPS.indexOf(group);
}

function checkFailed(what: string, why: string): Finding {
  return {
    id: 'check-failed',
    group: 'machine',
    severity: 'error',
    subject: what,
    symptom: 'doctor could not look at it',
    why: 'What cannot be looked at may be wrong without a word of it.',
    evidence: why,
    command: null,
  };
}
