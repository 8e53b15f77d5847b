import { availableParallelism, release, totalmem } from 'node:os';

/** When, where and how something was measured, as one line of Markdown. No path and no name of the machine in it. */
export function circumstances(command: string): string {
  const date = new Date().toISOString().slice(0, 10);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const [kernel = ''] = release().split('-');
  return `Measured ${date} by \`${command}\` on Node ${process.versions.node}, Linux ${kernel}: ${availableParallelism()} shared cores and ${memory}.`;
}
