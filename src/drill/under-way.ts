import { checkTarget } from '../health/check.ts';
import type { Round } from '../health/round.ts';
import type { Host } from '../host/host.ts';
import { aliveOf } from '../host/processes/is-alive.ts';
import type { Answer } from '../policy/observation.ts';
import { type DrillNote, readDrillNote } from './note.ts';

/** What lifeguard itself goes by while a drill is under way. Of a drill whose command is gone nothing holds any more. */
export interface DrillUnderWay {
  /** What is decided about this backend now comes from a drill. */
  isOf(backend: string): boolean;
  /** A round of checks of this backend, with the drill's own answer for its readiness if it has one. */
  round(backend: string, asked: Promise<Round>, deadlineMs: number): Promise<Round>;
  /** What its memory is held to meanwhile, bytes; null: what is configured. */
  memoryLimitOf(backend: string): Promise<number | null>;
}

/** The note is read this often at most: checks are many. */
const READ_EVERY_MS = 100;

/** @param file see drillNoteFile */
export function drillUnderWay(file: string, host: Host): DrillUnderWay {
  let note: DrillNote | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  async function liveNote(backend: string): Promise<DrillNote | null> {
    if (performance.now() - readAt >= READ_EVERY_MS) {
      note = readDrillNote(file);
      readAt = performance.now();
    }
    return note?.backend === backend && (await aliveOf(host, [note.by])).length > 0 ? note : null;
  }
  return {
    isOf(backend) {
      const now = readDrillNote(file);
      // What others depend on may be down with it.
      return now !== null && (now.backend === backend || now.fault === 'dependency-down');
    },
    async round(backend, asked, deadlineMs) {
      const url = (await liveNote(backend))?.readiness;
      if (url === undefined) return asked;
      const [{ liveness, readiness }, answer] = await Promise.all([asked, checkTarget(url, deadlineMs)]);
      const drilled = believed(answer);
      return readiness === null ? { liveness: drilled, readiness: null } : { liveness, readiness: drilled };
    },
    memoryLimitOf: async (backend) => (await liveNote(backend))?.maxMemoryBytes ?? null,
  };
}

/** A drill that ends in the middle of a check is not a sick backend. */
function believed(answer: Answer): Answer {
  if (answer.kind === 'answer') return answer;
  return { kind: 'void', why: 'own-error', detail: 'the drill does not answer' };
}
