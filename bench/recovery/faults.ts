import type { Life } from './victim.ts';

/** What befalls a victim, and how often it has to be brought back until the time is taken. */
export interface Fault {
  readonly name: string;
  /** The last one is timed; the earlier ones only have to be recovered from. */
  readonly blows: readonly ((life: Life) => void)[];
}

const crash = (life: Life) => life.command('crash');
const broken = (life: Life) => life.command('break');

export const FAULTS: readonly Fault[] = [
  { name: 'crash', blows: [crash] },
  { name: 'kill -9', blows: [(life) => process.kill(life.pid, 'SIGKILL')] },
  { name: '503', blows: [broken] },
  { name: 'hang', blows: [(life) => life.command('hang')] },
  { name: 'freeze', blows: [(life) => process.kill(life.pid, 'SIGSTOP')] },
  { name: '503 after a crash', blows: [crash, broken] },
];

/** Somebody's whose checks can't see the fault: one round shows it as well as five. */
export function isSeenWithoutChecks(fault: Fault): boolean {
  return fault.name === 'crash' || fault.name === 'kill -9';
}
