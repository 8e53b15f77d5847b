import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Alerting, startAlerting } from '../../src/alerts/alerting.ts';
import type { RetryPolicy } from '../../src/alerts/delivery/retry.ts';
import { systemClock } from '../../src/clock/clock.ts';
import type { MessageChannel } from '../../src/config/resolved.ts';
import { ALERT_KINDS } from '../../src/config/schema/alerts.ts';
import { appendIncident, type IncidentRecord } from '../../src/incidents/journal.ts';
import { readIncidents } from '../../src/incidents/read-incidents.ts';
import { setupOf } from './alert-story.ts';
import { removeFolder } from './remove-folder.ts';

/** A second of the policy's is 20 ms of these. */
export const HASTY: RetryPolicy = { firstMs: 100, longestMs: 1_000, giveUpMs: 60_000, failingMs: 600, deadlineMs: 500 };

/** Any of these may be in trouble. */
const BACKENDS = ['api', 'web', ...'abcd', 'first', 'meanwhile', 'after', 'good', 'bad', 'old', 'new', ...numbered(300)];

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `t${n}`);
}

/** The alerts of a lifeguard that gathers nothing, with a journal of its own. */
export class Teller {
  readonly folder: string;
  readonly journal: string;
  readonly said: string[] = [];
  readonly channels: readonly MessageChannel[];
  readonly retries: RetryPolicy;
  #alerting: Alerting | null = null;

  constructor(folder: string, channels: readonly MessageChannel[], retries: RetryPolicy = HASTY) {
    this.folder = folder;
    this.journal = join(folder, 'incidents.jsonl');
    this.channels = channels;
    this.retries = retries;
  }

  static start(t: TestContext, channels: readonly MessageChannel[], retries?: RetryPolicy): Teller {
    const folder = mkdtempSync(join(tmpdir(), 'lifeguard-alerting-'));
    const teller = new Teller(folder, channels, retries);
    t.after(async () => {
      teller.stop();
      await removeFolder(folder);
    });
    teller.start();
    return teller;
  }

  start(): void {
    const channels = this.channels.map(({ name, on }) => ({ name, on, takesNote: true }));
    this.#alerting = startAlerting({
      setup: setupOf(BACKENDS, { channels, gatherMs: 0 }),
      channels: this.channels,
      heartbeats: [],
      folder: join(this.folder, 'alerts'),
      journal: this.journal,
      clock: systemClock,
      retries: this.retries,
      env: process.env,
      say: (text) => this.said.push(text),
      write: (record) => void appendIncident(this.journal, record),
    });
  }

  get alerting(): Alerting {
    if (this.#alerting === null) throw new Error('it is stopped');
    return this.#alerting;
  }

  /** As a kill leaves it: nothing is waited for. */
  stop(): void {
    this.#alerting?.stop();
    this.#alerting = null;
  }

  /** Writes a line and tells of it, as lifeguard does. */
  line(record: IncidentRecord): void {
    const appended = appendIncident(this.journal, record);
    this.#alerting?.tell(record, appended.ok ? appended.end : null);
  }

  /** Something that is told at once. */
  begin(backend: string): void {
    const text = 'How it is cannot be told: its liveness check answers 404. Never a reason to restart.';
    this.line({ ...recordOf(backend, 'hold', 'misconfigured', text), to: 'misconfigured' });
  }

  /** Its end. */
  end(backend: string): void {
    this.line(recordOf(backend, 'recover', 'recovered', 'It is well again.'));
  }

  undelivered(): string[] {
    return readIncidents(this.journal, 1_000).flatMap(({ what, reason }) => (what === 'alert' ? [reason.text] : []));
  }
}

export function webhook(url: string, name = 'hook'): MessageChannel {
  return { type: 'webhook', name, url, headers: {}, secret: null, on: ALERT_KINDS };
}

export function recordOf(backend: string, what: IncidentRecord['what'], code: string, text: string): IncidentRecord {
  return {
    time: new Date().toISOString(),
    backend,
    what,
    incident: 1,
    from: 'healthy',
    to: 'healthy',
    cause: null,
    reason: { code, text } as IncidentRecord['reason'],
    restarts: 0,
    sinceFailureMs: 0,
  };
}
