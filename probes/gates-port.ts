import { appendFileSync } from 'node:fs';
import { runBefore } from '../src/health/command/run-before.ts';
import type { Host } from '../src/host/host.ts';
import { MARKER, OWNER_MARKER } from '../src/host/orphans/marker.ts';
import type { Ports } from '../src/lifeguard/ports.ts';
import { readGate, readRecord, writeGate } from '../src/pm2/gate/gate-file.ts';
import { isLaunching } from '../src/pm2/launch/lock.ts';

/** The gates of what PM2's daemon, this process's parent, runs. */
export function gatesPort(pm2Home: string, host: Host, log: (text: string) => void): Ports['gates'] {
  const daemon = process.ppid;
  return {
    isOpen: (gate) => readGate(gate, daemon) === 'open',
    isAsked: (gate) => readGate(gate, daemon) === 'asked',
    record: (gate) => readRecord(gate, daemon),
    open: (gate) => writeGate(gate, 'open', daemon),
    close: (gate) => writeGate(gate, 'asked', daemon),
    // Without the marks of the backend's own processes: what these leave behind is ended, and this is none of it.
    before(command, { [MARKER]: _app, [OWNER_MARKER]: _owner, ...env }) {
      return runBefore(command, env, host);
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
