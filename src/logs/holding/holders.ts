import { idOfPath, isGone } from '../../host/file-id.ts';
import type { LogSource } from '../sources.ts';
import type { OpenLook } from './open-look.ts';

/** Every process that has one of these files open: the daemon for apps in fork mode, each worker of a cluster. */
export function holdersOf(sources: readonly LogSource[]): number[] {
  return [...new Set(sources.flatMap((source) => [...writersThrough(source), ...source.pids]))].filter((pid) => pid > 0);
}

/** The files that one of their writers is known not to hold: its stream has ended, or the file is gone. */
export function staleSources(sources: readonly LogSource[], look: OpenLook): LogSource[] {
  return sources.filter((source) => {
    const id = idOfPath(source.path) ?? (isGone(source.path) ? NO_FILE : null);
    return id !== null && writersThrough(source).some((pid) => look.hold(id, [pid]) === 'free');
  });
}

/** As {@link staleSources}, of files that are there. */
export function endedSources(sources: readonly LogSource[], look: OpenLook): LogSource[] {
  return staleSources(sources, look).filter(({ path }) => idOfPath(path) !== null);
}

/** The processes that have it open to write what their app says. */
function writersThrough({ streams }: LogSource): number[] {
  return [...new Set(streams.map(({ holder }) => holder))].filter((pid) => pid > 0);
}

/** Nobody can have it open. */
const NO_FILE = 'none';
