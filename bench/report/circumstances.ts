import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';

/** When, where and how something was measured, as one line of Markdown. No path and no name of the machine in it. */
export function circumstances(command: string): string {
  const date = new Date().toISOString().slice(0, 10);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const [kernel = ''] = release().split('-');
  const machine = `Linux ${kernel}: ${availableParallelism()} shared cores and ${memory}`;
  return `Measured ${date} by \`${command}\` on Node ${process.versions.node}, ${machine}${isRealTime() ? ', at real-time priority, as the machine had other work' : ''}.`;
}

/** Whether this process was started so that others do not delay it (`chrt`): see proc(5), the field `policy` of /proc/PID/stat. */
function isRealTime(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const policy = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38];
    return policy === '1' || policy === '2';
  } catch {
    return false;
  }
}
