import { stripVTControlCharacters } from 'node:util';
import type { Host } from '../../host/host.ts';
import { listeningPortsOf } from '../../host/ports/listening-ports.ts';
import { tellingLine } from '../../incidents/exit-cause.ts';
import { lastLines } from '../../incidents/last-lines.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import { explainLine } from '../../policy/telling/explain-exit.ts';

/** What PM2's cluster container writes when a worker's script cannot be loaded; it then lives on, and listens on nothing. */
const NOT_LOADED = 'You have triggered an unhandledRejection';

/**
 * What no restart cures and lifeguard therefore says nothing of: a wrong health path, another port, a script that cannot be loaded.
 * null: none of these. Looks at the processes and at the error log of a backend that refuses connections, at nothing of the others.
 */
export async function ailmentOf(
  host: Host,
  { port, lastCheck, processes }: BackendStatus,
  errorFile: string | null,
): Promise<string | null> {
  if (lastCheck === null) return null;
  const rejected = [lastCheck.liveness, lastCheck.readiness].find((answer) => answer !== null && /^4\d\d$/.test(answer));
  if (rejected) return `what is asked for its health answers ${rejected}: health.liveness or health.readiness is not right`;
  if (lastCheck.liveness !== 'refused' || processes.length === 0) return null;

  const ports = await listeningPortsOf(
    host,
    processes.map(({ pid }) => pid),
  );
  if (port !== null && ports.length > 0 && !ports.includes(port)) return `it listens on port ${ports.join(', ')}, not on ${port}`;
  const since = Date.now() - Math.max(...processes.map(({ uptimeMs }) => uptimeMs)) - 1_000;
  const lines = errorFile === null || ports.length > 0 ? [] : lastLines(errorFile, { since });
  const at = lines.findLastIndex((line) => stripVTControlCharacters(line).includes(NOT_LOADED));
  const why = at < 0 ? null : tellingLine(lines.slice(at + 1));
  return why && `it cannot be loaded: ${explainLine(why)}`;
}
