/**
 * PM2's command line, taught to read `.config.ts` (`.mts`, `.cts`). What is not about such a file goes to PM2 as it is.
 */
import { existsSync } from 'node:fs';
import { refuseUnsupportedSystem } from '../../host/supported.ts';
import { pm2HomeOf } from '../home.ts';
import type { CommandOptions } from '../launch/commands.ts';
import { ecosystemFileIn, isTypedConfig } from './ecosystem-files.ts';
import { isExpected, messageOf } from './failure.ts';
import { readOptions } from './options.ts';
import { type FileRequest, readRequest } from './request.ts';
import { requireTypescript } from './typescript.ts';

/** What a bare `pm2 start` of PM2's own looks for; it goes first where both are. */
const PM2S_DEFAULT_FILES = ['ecosystem.config.js', 'ecosystem.config.cjs', 'ecosystem.config.mjs'];

/** Said instead of PM2's table, which would start a daemon to say so. */
const NOTHING_RUNS = '[lifeguard] nothing of it is in the list of PM2';

/** The whole `pm2` command. Sets the exit status; ends the process where PM2 does. */
export async function pm2(argv: readonly string[]): Promise<void> {
  const request = readRequest(argv);
  if (!request || (request.file === null && !isOurDefault())) return handOver();
  try {
    refuseUnsupportedSystem();
    await carryOut(request);
  } catch (error) {
    if (!isExpected(error)) throw error;
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}

async function carryOut(request: FileRequest): Promise<void> {
  const [{ loadEcosystem }, commands] = await Promise.all([import('./load.ts'), import('../launch/commands.ts')]);
  const options: CommandOptions = {
    ...readOptions(request.args),
    pm2Home: pm2HomeOf(process.env),
    environment: { ...process.env },
    print: (line) => console.log(`[lifeguard] ${line}`),
  };
  const ecosystem = await loadEcosystem(request.file ?? ecosystemFileIn('.'));
  if (!ecosystem) return handOver();
  switch (request.command) {
    case 'start':
      await commands.startEcosystem(ecosystem, options);
      break;
    case 'restart':
    case 'reload':
      await commands.restartEcosystem(ecosystem, request.command, options);
      break;
    case 'stop':
      if ((await commands.stopEcosystem(ecosystem, options)).length === 0) return console.log(NOTHING_RUNS);
      break;
    case 'delete':
      if ((await commands.deleteEcosystem(ecosystem, options)).length === 0) return console.log(NOTHING_RUNS);
      break;
    default:
      request.command satisfies never;
  }
  return handOver(['ls']);
}

/** `argv`: what PM2 is to see instead of what was typed. */
async function handOver(argv?: readonly string[]): Promise<void> {
  if (argv) process.argv.splice(2, Number.POSITIVE_INFINITY, ...argv);
  const { inheritableByDaemon } = await import('../daemon/environment.ts');
  if (process.env.npm_execpath) cleanEnvironment(inheritableByDaemon(process.env, pm2HomeOf(process.env)));
  if (process.argv.some(isTypedConfig)) requireTypescript();
  const { runPm2Cli } = await import('../daemon/upstream.ts');
  runPm2Cli();
}

/** Under npm (npx pm2 …) PM2 would pass npm's variables on to the daemon and to what it starts. */
function cleanEnvironment(kept: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('npm_') || name === 'INIT_CWD') delete process.env[name];
  }
  if (kept.PATH !== undefined) process.env.PATH = kept.PATH;
}

function isOurDefault(): boolean {
  return existsSync(ecosystemFileIn('.')) && !PM2S_DEFAULT_FILES.some((file) => existsSync(file));
}
