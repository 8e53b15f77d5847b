import { nodeFromNpm } from './from-npm.ts';

/** A Node that strips types by itself, as a stock PM2 needs it for a `.ts` file (22.18 or later): LIFEGUARD_NODE_24, this one, or npm's. */
export function modernNode(): string {
  const named = process.env.LIFEGUARD_NODE_24;
  if (named !== undefined) return named;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18) ? process.execPath : nodeFromNpm('24');
}
