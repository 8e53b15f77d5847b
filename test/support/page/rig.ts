import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock/clock.ts';
import { type Door, openDoor } from '../../../src/dashboard/door/door.ts';
import type { Looked, PageSetup, Question } from '../../../src/dashboard/door/messages.ts';
import { ringFile, writeSlot } from '../../../src/dashboard/history/ring-file.ts';
import { SLOTS_KEPT, type Slot, slotAt } from '../../../src/dashboard/history/slot.ts';
import type { IncidentRecord } from '../../../src/incidents/journal.ts';
import type { StateName } from '../../../src/policy/state-name.ts';
import { freePort } from '../port.ts';
import { processesOf, ROOT } from '../sandbox.ts';

const SEED = 7;

/** The page's own process behind a real door, shown a project that a test makes up. */
export class PageRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'lifeguard-page-'));
  readonly said: string[] = [];
  readonly asked: Question[] = [];
  looked: Looked[] = [];
  url = '';
  #door: Door | null = null;

  static async open(count: number, setup: Partial<PageSetup> = {}): Promise<PageRig> {
    const rig = new PageRig();
    const port = await freePort();
    rig.url = `http://127.0.0.1:${port}/`;
    const journal = join(rig.folder, 'incidents.jsonl');
    rig.looked = Array.from({ length: count }, (_, i) => lookedAt(nameOf(i), stateFor(i, count), rig.folder));
    writeFileSync(
      journal,
      storyOf(rig.looked)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    );
    rig.#door = openDoor({
      setup: { ...SETUP, port, journal, history: rig.folder, ...setup },
      program: { script: join(ROOT, 'dist/probes/page.js'), nodeArgs: [] },
      env: { ...process.env, PM2_HOME: rig.folder },
      clock: systemClock,
      ask: (question) => rig.#answer(question),
      say: (text) => rig.said.push(text),
    });
    return rig;
  }

  #answer(question: Question) {
    this.asked.push(question);
    switch (question.about) {
      case 'look':
        return this.looked.filter(({ status }) => question.backend === null || status.name === question.backend);
      case 'act':
        return { ok: true };
      case 'figures':
        throw new Error('not in this rig');
    }
  }

  /** Of the page's process. */
  pid(): number | undefined {
    return processesOf(this.folder)[0]?.pid;
  }

  close(): void {
    this.#door?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const SETUP: Omit<PageSetup, 'port' | 'journal' | 'history'> = {
  version: '0.1.0',
  lifeguard: 'lifeguard',
  machine: 'vm1',
  host: '127.0.0.1',
  token: 'sesame',
  url: null,
};

const NAMES = ['mediaposter-backend', 'accounts', 'search', 'thumbnails', 'billing'];

function nameOf(i: number): string {
  return NAMES[i] ?? `worker-${String(i).padStart(2, '0')}`;
}

/** One alone is well; of five one is degraded and one given up; of fifty five are not well. */
function stateFor(i: number, count: number): StateName {
  if (count === 1) return 'healthy';
  const states: Readonly<Record<number, StateName>> = {
    1: 'degraded',
    3: 'exhausted',
    17: 'stopped',
    23: 'restarting',
    31: 'paused',
  };
  return states[i] ?? 'healthy';
}

function lookedAt(name: string, state: StateName, folder: string): Looked {
  const chance = chanceFrom(name.length * SEED + name.charCodeAt(name.length - 1));
  const last = slotAt(Date.now());
  for (let slot = last - SLOTS_KEPT + 1; slot < last; slot++)
    writeSlot(ringFile(folder, name), slotOf(slot, last, state, chance));
  const isBad = state !== 'healthy';
  const p95 = 4 + chance() * 30;
  return {
    slot: { slot: last, wellS: isBad ? 0 : 300, impairedS: 0, downS: isBad ? 300 : 0, restarts: 0, p95Ms: p95 },
    status: {
      name,
      port: 5_555,
      processes: [{ pmId: 0, pid: 4_711, uptimeMs: 3 * 86_400_000 }],
      lastCheck: { liveness: '200', readiness: state === 'degraded' ? '503' : '200', agoMs: 300 },
      checks: { p50: p95 / 3, p95, p99: p95 * 1.4, availability1h: 1, availability24h: 0.998 },
      waitsFor: null,
      dependencies:
        name === 'mediaposter-backend' || name === 'accounts' ? [{ name: 'database', up: state !== 'degraded', detail: '' }] : [],
      cpuPercent: null,
      memoryBytes: null,
      decidedAgoMs: 200,
      policy: {
        state,
        forMs: isBad ? 312_000 : 3.2 * 86_400_000,
        consecutiveFailures: isBad ? 4 : 0,
        lastFailure: isBad ? 'It answers 503.' : null,
        lastError: null,
        restarts: state === 'exhausted' ? 10 : 0,
        maxRestarts: 10,
        sinceRestartMs: null,
        held: HELD[state] ?? null,
        dueInMs: state === 'exhausted' ? 588_000 : state === 'paused' ? 300_000 : null,
        onTrial: false,
        parked: state === 'exhausted',
        dependenciesDown: state === 'degraded' ? ['database'] : [],
        incident: isBad ? 12 : null,
      },
    },
  };
}

const HELD: Partial<Readonly<Record<StateName, string>>> = {
  degraded: 'It answers 503, and database is down: restarts are held until it is back.',
  exhausted:
    'It crashed: a setting may be missing: STRIPE_KEY (exit code 1). 10 restarts within 10 min are the limit: it is stopped for 15 min.',
};

function slotOf(slot: number, last: number, state: StateName, chance: () => number): Slot {
  const p95Ms = 6 + 4 * Math.sin(slot / 9) + chance() * 6;
  const isNight = last - slot > 52 && last - slot < 58;
  if (isNight) return { slot, wellS: 0, impairedS: 0, downS: 0, restarts: 0, p95Ms: null };
  if (chance() < 0.012) return { slot, wellS: 500, impairedS: 60, downS: 400, restarts: 2, p95Ms: p95Ms * 4 };
  if (chance() < 0.02) return { slot, wellS: 958, impairedS: 2, downS: 0, restarts: 1, p95Ms };
  if (state !== 'healthy' && slot > last - 2) return { slot, wellS: 400, impairedS: 500, downS: 60, restarts: 0, p95Ms };
  return { slot, wellS: 960, impairedS: 0, downS: 0, restarts: 0, p95Ms };
}

function storyOf(looked: readonly Looked[]): IncidentRecord[] {
  const lines = looked.flatMap(({ status: { name, policy } }, i): IncidentRecord[] => {
    const record = (agoS: number, what: IncidentRecord['what'], to: StateName, text: string, sinceS: number): IncidentRecord => ({
      time: new Date(Date.now() - agoS * 1_000).toISOString(),
      backend: name,
      what,
      incident: policy.incident ?? 11,
      from: 'healthy',
      to,
      cause: what === 'restart' ? 'crash' : null,
      reason: { code: what === 'recover' ? 'recovered' : 'crashed', text },
      restarts: 1,
      sinceFailureMs: sinceS * 1_000,
    });
    const begun = record(
      7_000 + 40 * i,
      'fail',
      'restarting',
      'It crashed: it was killed (SIGKILL: kill -9, or too slow to stop).',
      0,
    );
    if (policy.state === 'degraded')
      return [record(312, 'fail', 'degraded', 'It answers 503.', 0), record(311, 'hold', 'degraded', String(policy.held), 1)];
    if (policy.state === 'exhausted')
      return [
        record(900, 'fail', 'restarting', 'It crashed: it ended with exit code 1: KeyError: secret-of-the-log', 0),
        record(312, 'give-up', 'exhausted', String(policy.held), 588),
      ];
    if (i > 4) return [];
    return [
      begun,
      record(6_999 + 40 * i, 'restart', 'restarting', 'It crashed: PM2 starts it again at once.', 0.2),
      record(6_998 + 40 * i, 'recover', 'healthy', 'It is well again, 1.4 s after the first failure.', 1.4),
    ];
  });
  return lines.sort((a, b) => a.time.localeCompare(b.time));
}

/** The same each time. */
function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
