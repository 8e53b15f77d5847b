/**
 * The parts of PM2 itself that the launcher uses, with types. PM2 has no types for its inside; this is the one place that relies on it,
 * for the exact version that package.json names. lifeguard itself loads none of it.
 */
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { AppDeclaration } from '../types.ts';
import { Pm2Error } from './pm2-error.ts';

/** An app as the daemon's `prepare` wants it: absolute paths, PM2's defaults filled in, PM2's inner names. */
export type PreparedApp = Record<string, unknown> & { name: string; env: Record<string, string> };

interface Common {
  verifyConfs(apps: object[]): Error | object[];
  resolveAppAttributes(options: { cwd: string; pm2_home: string }, app: object): PreparedApp;
  knonwConfigFileExtensions: Record<string, string>;
}

const require = createRequire(import.meta.url);

/** PM2's command line as a file to run. */
export function pm2Program(): string {
  return require.resolve('pm2/bin/pm2');
}

/**
 * What PM2's own `start` makes of a declaration. Its environment is exactly `environment`: nothing of this process gets in.
 * @throws Pm2Error `failed` when PM2 does not accept the declaration
 */
export function prepareApp(app: AppDeclaration, environment: Record<string, string>, pm2Home: string): PreparedApp {
  const common = loadCommon();
  const pwd = process.env.PWD;
  // A path with a space in it would be a command line for bash to PM2.
  const verified = common.verifyConfs([{ ...app, env: {}, script: 'script' }]);
  if (verified instanceof Error) throw new Pm2Error('failed', `PM2 does not accept ${app.name}: ${verified.message}`);
  try {
    const declared = { ...verified[0], script: app.script };
    const prepared = common.resolveAppAttributes({ cwd: app.cwd, pm2_home: pm2Home }, declared);
    const pidFile = `${app.name.replace(/[^a-zA-Z0-9\\.\\-]/g, '-')}.pid`;
    return { namespace: 'default', ...prepared, env: environment, pm_pid_path: join(pm2Home, 'pids', pidFile), km_link: false };
  } catch (error) {
    throw new Pm2Error('failed', `PM2 cannot start ${app.name}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    if (pwd !== undefined) process.env.PWD = pwd; // PM2 moves it to the app's folder
  }
}

/** Runs PM2's command line in this process, with `.config.ts` and its like among the files that it reads. It ends the process itself. */
export function runPm2Cli(): void {
  for (const extension of ['ts', 'mts', 'cts']) loadCommon().knonwConfigFileExtensions[`.config.${extension}`] = 'js';
  const cli = require.resolve('pm2/lib/binaries/CLI.js');
  // `pm2 startup` writes the path of the main module into the unit, and from an ES module there is none.
  process.mainModule ??= { filename: cli } as NodeJS.Module;
  // It would write `User=undefined` where nothing says who runs it: in a container, under cron or cloud-init.
  if (/^(un)?startup$/.test(process.argv[2] ?? '')) process.env.USER ??= process.env.LOGNAME ?? userInfo().username;
  require(cli);
}

function loadCommon(): Common {
  return require('pm2/lib/Common.js') as Common;
}
