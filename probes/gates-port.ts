import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { runBefore } from '../src/health/command/run-before.ts';
import type { Host } from '../src/host/host.ts';
import { MARKER, OWNER_MARKER } from '../src/host/orphans/marker.ts';
import { startTimeOf } from '../src/host/processes/is-alive.ts';
import { killTree } from '../src/host/processes/kill-tree.ts';
import type { Ports } from '../src/lifeguard/ports.ts';
import { readGate, readRecord, writeGate } from '../src/pm2/gate/gate-file.ts';
import { isLaunching } from '../src/pm2/launch/lock.ts';

/** The gates of what PM2's daemon, this process's parent, runs. */
export function gatesPort(pm2Home: string, host: Host, log: (text: string) => void): Ports['gates'] {
  const daemon = process.ppid;

  async function noteRunning(gate: string, pid: number): Promise<void> {
    const startTime = await startTimeOf(host, pid);
    if (startTime !== null) writeFileSync(noteFile(gate), JSON.stringify({ pid, startTime }), { mode: 0o600 });
  }

  return {
    isOpen: (gate) => readGate(gate, daemon) === 'open',
    isAsked: (gate) => readGate(gate, daemon) === 'asked',
    record: (gate) => readRecord(gate, daemon),
    open: (gate) => writeGate(gate, 'open', daemon),
    close: (gate) => writeGate(gate, 'asked', daemon),
    // Without the marks of the backend's own processes: what these leave behind is ended, and this is none of it.
    before(gate, command, { [MARKER]: _app, [OWNER_MARKER]: _owner, ...env }) {
      const run = runBefore(command, env, host);
      if (run.pid !== null) void noteRunning(gate, run.pid).catch((error: unknown) => log(`${gate}: ${String(error)}`));
      return run;
    },
    async endEarlier(gate) {
      const noted = runningOf(gate);
      if (noted === null || (await startTimeOf(host, noted.pid)) !== noted.startTime) return;
      log(`pid ${noted.pid}, which an earlier lifeguard ran before a start, is ended: it is run anew`);
      await killTree(host, noted.pid, 'SIGKILL', { startTime: noted.startTime });
    },
    tellLog(errorFile, lines) {
      try {
        appendFileSync(errorFile, `${lines.join('\n')}\n`); // whole: PM2 appends to it, too
      } catch (error) {
        log(`${errorFile}: ${String(error)}`);
      }
    },
    isLaunching: () => isLaunching(pm2Home),
  };
}

function noteFile(gate: string): string {
  return gate.replace(/\.gate$/, '.running');
}

/** What was last run before this start; null: nothing is known of it. */
function runningOf(gate: string): { readonly pid: number; readonly startTime: number } | null {
  try {
    return JSON.parse(readFileSync(noteFile(gate), 'utf8'));
  } catch {
    return null;
  }
}
