import { type Cure, causeOf, cureOf } from './cure.ts';
import type { Incident } from './incident.ts';
import { signatureOf } from './signature.ts';

/** Milliseconds; null: there is nothing to take it of. */
export interface Spread {
  readonly median: number | null;
  readonly p95: number | null;
}

/** The same failure, as often as it was seen. */
export interface Repeated {
  readonly signature: string;
  readonly backend: string;
  readonly cause: string;
  /** What its newest one said. */
  readonly text: string;
  readonly count: number;
  readonly lastAt: number;
  readonly cures: readonly Cure[];
  readonly recovery: Spread;
}

export interface Statistics {
  readonly incidents: number;
  readonly open: number;
  readonly byCause: Readonly<Record<string, number>>;
  /** The most frequent first. */
  readonly repeated: readonly Repeated[];
  readonly detection: Spread;
  readonly recovery: Spread;
  readonly backends: readonly { readonly name: string; readonly lostMs: number; readonly availability: number }[];
}

/**
 * What can be counted of incidents. Pure.
 * @param from and `until`: the time that they are of, wall clock ms; availability is the share of it that was in no incident
 */
export function statisticsOf(
  incidents: readonly Incident[],
  { names, from, until }: { names: readonly string[]; from: number; until: number },
): Statistics {
  const byCause: Record<string, number> = {};
  for (const incident of incidents) byCause[causeOf(incident)] = (byCause[causeOf(incident)] ?? 0) + 1;
  return {
    incidents: incidents.length,
    open: incidents.filter(({ open }) => open).length,
    byCause,
    repeated: repeatedOf(incidents),
    detection: spreadOf(incidents.map(({ startedAt, detectedAt }) => detectedAt - startedAt)),
    recovery: recoveryOf(incidents),
    backends: names.map((name) => {
      const lostMs = lostOf(
        incidents.filter(({ backend }) => backend === name),
        from,
        until,
      );
      return { name, lostMs, availability: until > from ? 1 - lostMs / (until - from) : 1 };
    }),
  };
}

export function repeatedOf(incidents: readonly Incident[]): Repeated[] {
  const groups = grouped(incidents);
  return [...groups]
    .map(([signature, same]): Repeated => {
      const newest = same.at(-1) as Incident;
      return {
        signature,
        backend: newest.backend,
        cause: causeOf(newest),
        text: newest.records[0]?.reason.text ?? '',
        count: same.length,
        lastAt: newest.startedAt,
        cures: [...new Set(same.map(cureOf))],
        recovery: recoveryOf(same),
      };
    })
    .sort((a, b) => b.count - a.count || b.lastAt - a.lastAt);
}

/** Map.groupBy, which Node 20 does not have. */
function grouped(incidents: readonly Incident[]): Map<string, Incident[]> {
  const groups = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const signature = signatureOf(incident);
    groups.set(signature, [...(groups.get(signature) ?? []), incident]);
  }
  return groups;
}

/** Incidents of one backend follow each other: their lengths add up. One whose end was not seen counts to its last line. */
function lostOf(incidents: readonly Incident[], from: number, until: number): number {
  return incidents.reduce((sum, { startedAt, endedAt, open, records }) => {
    const end = endedAt ?? (open ? until : Date.parse(records.at(-1)?.time ?? ''));
    return sum + Math.max(0, Math.min(end, until) - Math.max(startedAt, from));
  }, 0);
}

function recoveryOf(incidents: readonly Incident[]): Spread {
  return spreadOf(incidents.flatMap(({ startedAt, endedAt }) => (endedAt === null ? [] : [endedAt - startedAt])));
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { median: at(0.5), p95: at(0.95) };
}
