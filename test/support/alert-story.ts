import { titleOf } from '../../src/alerts/message/message.ts';
import type { Happening } from '../../src/alerts/planning/happening.ts';
import { nextDueAt, plan } from '../../src/alerts/planning/plan.ts';
import { emptyPlan, type PlanState } from '../../src/alerts/planning/state.ts';
import type { Notification } from '../../src/alerts/planning/turns.ts';
import type { ChannelFacts, Setup } from '../../src/alerts/setup.ts';
import { ALERT_KINDS } from '../../src/config/schema/alerts.ts';
import type { IncidentRecord } from '../../src/incidents/journal.ts';

/** 2026-11-27 03:00 UTC */
export const NIGHT = Date.UTC(2026, 10, 27, 3);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const PHONE: ChannelFacts = { name: 'phone', on: ALERT_KINDS, takesNote: true };

/** A machine with these backends, each with a database of that name. */
export function setupOf(backends: readonly string[], more: Partial<Setup> = {}): Setup {
  return {
    host: 'vm1',
    lifeguard: 'lifeguard',
    pageUrl: null,
    logsDirectory: '/srv/logs',
    channels: [PHONE],
    backends: backends.map((name) => ({
      name,
      maxRestarts: 10,
      withinMs: 600_000,
      coolDownMs: 900_000,
      dependencies: [{ name: 'database', id: 'the-database' }],
    })),
    apps: [...backends, 'database', 'lifeguard'],
    gatherMs: 10_000,
    ...more,
  };
}

export type Told = Notification & { readonly at: number; readonly title: string };

/** The plan in virtual time: what happens is told when it happens, and time alone does the rest. */
export class AlertStory {
  state: PlanState;
  now: number;
  readonly told: Told[] = [];
  readonly setup: Setup;

  constructor(setup: Setup, now = NIGHT) {
    this.setup = setup;
    this.now = now;
    this.state = emptyPlan(now);
  }

  /** @param at ms from now on in which it happens */
  happen(happening: Happening): void {
    this.#plan([happening]);
  }

  line(
    backend: string,
    what: IncidentRecord['what'],
    more: Partial<IncidentRecord> & { code?: string; text?: string } = {},
  ): void {
    const { code = what, text = '', ...rest } = more;
    const record = {
      time: new Date(this.now).toISOString(),
      backend,
      what,
      incident: 1,
      from: 'healthy',
      to: 'unhealthy',
      cause: null,
      reason: { code, text },
      restarts: 0,
      sinceFailureMs: 0,
      ...rest,
    } as IncidentRecord;
    this.happen({ type: 'record', record });
  }

  /** Lets time pass, and what falls due in it. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const next = nextDueAt(this.state, this.now, this.setup);
      if (next === null || next > end) break;
      this.now = next;
      this.#plan([]);
    }
    this.now = end;
    this.#plan([]);
    return this;
  }

  titles(): string[] {
    return this.told.map(({ title }) => title);
  }

  #plan(happenings: readonly Happening[]): void {
    // As it is saved and read again at any moment.
    const before = JSON.parse(JSON.stringify(this.state)) as PlanState;
    const { state, notifications } = plan(before, happenings, this.now, this.setup);
    this.state = state;
    for (const told of notifications) this.told.push({ ...told, at: this.now, title: titleOf(told.message) });
  }
}
