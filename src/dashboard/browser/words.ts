import type { BackendView } from '../view.ts';

const DONE: Readonly<Record<string, string>> = {
  fail: 'failed',
  hold: 'held',
  'give-up': 'given up',
  recover: 'recovered',
  stop: 'stopped by hand',
  warn: 'note',
  pause: 'paused',
  resume: 'resumed',
};

/** What was decided, as it is read. */
export function done(what: string): string {
  return DONE[what] ?? what;
}

/** `12 s`, `3 min`, `5 h`, `2 days`: one unit, rounded down. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min`;
  if (s < 2 * 86_400) return `${Math.floor(s / 3_600)} h`;
  return `${Math.floor(s / 86_400)} days`;
}

/** What something took: below a minute with a tenth. */
export function took(ms: number): string {
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}

export function millis(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1_000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** In the reader's own time; with the day where it is not today's. */
export function clock(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  return date.toDateString() === today.toDateString() ? time : `${day(at)} ${time}`;
}

export function day(at: number): string {
  return new Date(at).toLocaleDateString([], { day: 'numeric', month: 'short' });
}

/** `healthy for 3 days; p95 12 ms; 0 of 10 restarts used` */
export function sentence({ state, since, p95Ms, restarts, maxRestarts }: BackendView, now: number): string {
  const latency = p95Ms === null ? [] : [`p95 ${millis(p95Ms)}`];
  return [`${state} for ${duration(now - since)}`, ...latency, `${restarts} of ${maxRestarts} restarts used`].join('; ');
}

/** What comes next, if something is due. */
export function next({ state, dueAt }: BackendView, now: number): string | null {
  if (dueAt === null) return null;
  const left = duration(dueAt - now);
  if (state === 'paused') return `The pause ends in ${left}.`;
  if (state === 'exhausted') return `One trial in ${left}.`;
  return `Next try in ${left}.`;
}

export function percent(share: number): string {
  return share === 1 ? '100 %' : `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;
}

export function plural(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
