import type { Ports } from '../src/lifeguard/ports.ts';
import { readGate, writeGate } from '../src/pm2/gate/gate-file.ts';
import { isLaunching } from '../src/pm2/launch/lock.ts';

/** The gates of what PM2's daemon, this process's parent, runs. */
export function gatesPort(pm2Home: string): Ports['gates'] {
  const daemon = process.ppid;
  return {
    isOpen: (gate) => readGate(gate, daemon) === 'open',
    open: (gate) => writeGate(gate, 'open', daemon),
    close: (gate) => writeGate(gate, 'asked', daemon),
    isLaunching: () => isLaunching(pm2Home),
  };
}
