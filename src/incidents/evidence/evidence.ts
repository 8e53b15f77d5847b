import { dirname, join } from 'node:path';
import type { AlarmClock } from '../../clock/clock.ts';
import { sleep } from '../../clock/clock.ts';
import type { WatchConfig, WatchedBackend } from '../../config/resolved.ts';
import type { Round } from '../../health/round.ts';
import type { Host } from '../../host/host.ts';
import type { JournalEntry } from '../../policy/action.ts';
import type { ExitInfo } from '../../policy/event.ts';
import { EVIDENCE_FOLDER, evidencePath } from './folder-name.ts';
import { type Findings, gather } from './gather.ts';
import { configuredSecrets, environmentSecrets, hider } from './hide.ts';
import { RecentChecks } from './recent-checks.ts';
import { retainEvidence } from './retain.ts';
import { writeEvidence } from './write.ts';

export interface EvidenceParts {
  readonly config: Pick<WatchConfig, 'journal' | 'backends'>;
  readonly host: Host;
  readonly clock: AlarmClock;
  /** The PATH on which py-spy may be. */
  readonly path: string;
  /** The processes that PM2 runs of a backend now. */
  readonly pidsOf: (backend: string) => readonly number[];
  /** A line for lifeguard's own log. */
  readonly say: (text: string) => void;
}

/** Sets down what is known of a backend that fails, before anything is done about it. None of its calls throws. */
export interface EvidenceTaker {
  /** A check was made. */
  checked(backend: string, round: Round, incarnation: string): void;
  /** A process ended by itself, or was killed. */
  ended(backend: string, exit: ExitInfo): void;
  /**
   * A line of the journal is about to be written: begins to look where it tells of something new.
   * @returns the folder to be named in the line, relative to the journal; null: the line has none
   */
  of(backend: string, entry: JournalEntry): string | null;
  /** Resolves when the look that is under way is over, within 500 ms of its beginning. */
  settled(backend: string): Promise<void>;
}

/** The longest that a rescue waits for evidence. */
const WITHIN_MS = 500;
/** What is decided so soon after a look needs no other one. */
const FRESH_MS = 2_000;
const RETAIN_EVERY_MS = 60_000;
/** An end that no line of the journal told of by then is not what a later one is about. */
const EXIT_FRESH_MS = 10_000;
/** Of many that fail together, which is one cause, so many are looked at, */
const MOST_AT_ONCE = 20;
/** and so many at the same time: what is looked at keeps the checks waiting. */
const ABREAST = 4;

interface Record {
  readonly config: WatchedBackend;
  readonly recent: RecentChecks;
  readonly secrets: Set<string>;
  incarnation: string;
  /** An end that no look is about yet. */
  exit: { readonly info: ExitInfo; readonly at: number } | null;
  look: { readonly incident: number; readonly folder: string; readonly at: number; readonly over: Promise<void> } | null;
}

export function takeEvidence(parts: EvidenceParts): EvidenceTaker {
  const { config, host, clock, say } = parts;
  const records = new Map(config.backends.map((backend) => [backend.name, recordOf(backend)]));
  const root = dirname(config.journal);
  let retainedAt = Number.NEGATIVE_INFINITY;
  let complained = false;
  let looking = 0;
  const inTurn = abreast(ABREAST);

  async function look(record: Record, folder: string, entry: JournalEntry, exit: ExitInfo | null): Promise<void> {
    const startedAt = clock.now();
    const found: Findings = { processes: [], acceptQueues: [], log: [], errorLog: [], stacks: [], machine: null, missing: [] };
    const { checks, failures } = record.recent;
    const pids = parts.pidsOf(record.config.name);
    const gathered = inTurn(async () => {
      await learnSecrets(record, pids);
      await gather(found, { backend: record.config, pids }, host, hider(record.secrets), parts.path);
    });
    await Promise.race([gathered, sleep(clock, WITHIN_MS)]);
    const { processes, acceptQueues, machine, missing } = found;
    const evidence = {
      backend: record.config.name,
      incident: entry.incident,
      at: iso(clock.wallNow()),
      reason: entry.reason,
      exit,
      tookMs: Math.round(clock.now() - startedAt),
      ...{ processes, acceptQueues, machine, missing },
      checks: checks.map(({ at, ...check }) => ({ at: iso(at), ...check })),
    };
    // What is set down is not waited for.
    void write(join(root, folder), () =>
      writeEvidence(join(root, folder), evidence, { failures, findings: { ...found } }, hider(record.secrets)),
    );
  }

  async function write(folder: string, writing: () => Promise<void>): Promise<void> {
    try {
      await writing();
      complained = false;
      if (clock.now() - retainedAt < RETAIN_EVERY_MS) return;
      retainedAt = clock.now();
      await retainEvidence(join(root, EVIDENCE_FOLDER), config.backends, clock.wallNow());
    } catch (error) {
      if (!complained) say(`${folder}: no evidence can be kept: ${error instanceof Error ? error.message : String(error)}`);
      complained = true;
    }
  }

  /** What cannot be read is masked by how it looks. */
  async function learnSecrets(record: Record, pids: readonly number[]): Promise<void> {
    for (const secret of await environmentSecrets(host, pids).catch(() => [])) record.secrets.add(secret);
  }

  function begin(record: Record, entry: JournalEntry): string | null {
    if (looking >= MOST_AT_ONCE) return null;
    looking++;
    const at = clock.wallNow();
    const folder = evidencePath({ backend: record.config.name, incident: entry.incident, at }, entry.reason.code);
    const exit = freshExit(record);
    record.exit = null;
    const over = look(record, folder, entry, exit)
      .catch((error: unknown) => say(`${folder}: ${String(error)}`))
      .finally(() => looking--);
    record.look = { incident: entry.incident, folder, at: clock.now(), over };
    return folder;
  }

  function freshExit({ exit }: Record): ExitInfo | null {
    return exit !== null && clock.now() - exit.at < EXIT_FRESH_MS ? exit.info : null;
  }

  return {
    checked(backend, round, incarnation) {
      const record = records.get(backend);
      if (record === undefined) return;
      record.recent.add(round, clock.wallNow());
      if (record.incarnation === incarnation) return;
      record.incarnation = incarnation;
      void learnSecrets(record, parts.pidsOf(backend));
    },
    ended(backend, exit) {
      const record = records.get(backend);
      if (record !== undefined) record.exit = { info: exit, at: clock.now() };
    },
    of(backend, entry) {
      const record = records.get(backend);
      if (record === undefined || !TELLS_OF_FAILURE.has(entry.what) || entry.cause === 'operator') return null;
      const { look: last } = record;
      if (last?.incident === entry.incident) {
        const isFresh = clock.now() - last.at < FRESH_MS;
        const isTouched = entry.what === 'restart' || entry.what === 'give-up';
        if (freshExit(record) === null && (isFresh || !isTouched || entry.cause === 'crash'))
          return isFresh || isTouched ? last.folder : null;
      }
      return begin(record, entry);
    },
    settled: async (backend) => records.get(backend)?.look?.over,
  };
}

const TELLS_OF_FAILURE = new Set<JournalEntry['what']>(['fail', 'hold', 'blocked', 'restart', 'give-up']);

function recordOf(config: WatchedBackend): Record {
  const secrets = new Set(configuredSecrets(config));
  return { config, recent: new RecentChecks(), secrets, incarnation: '', exit: null, look: null };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Has at most so many run at a time, in the order in which they come. */
function abreast(most: number): (work: () => Promise<void>) => Promise<void> {
  const lanes: Promise<void>[] = Array.from({ length: most }, () => Promise.resolve());
  let next = 0;
  return (work) => {
    const lane = next++ % most;
    const done = (lanes[lane] ?? Promise.resolve()).then(work);
    lanes[lane] = done.catch(() => undefined);
    return done;
  };
}
