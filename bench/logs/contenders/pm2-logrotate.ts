import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, type Sandbox } from '../../../test/support/sandbox.ts';
import type { Contender } from '../contender.ts';
import { usageOf } from '../usage.ts';

const VERSION = '3.0.0';
/** Not among our dependencies: fetched once, beside other caches. */
const CACHE = join(ROOT, 'node_modules/.cache/pm2-lifeguard-bench');
const SETTINGS = 'max_size 1K compress true workerInterval 1 retain 100000';

export const pm2Logrotate: Contender = {
  name: 'pm2-logrotate',
  how: `${VERSION}, as a PM2 module: ${SETTINGS}`,
  async start(sandbox) {
    const folder = await fetched(sandbox);
    const words = SETTINGS.split(' ');
    for (let i = 0; i < words.length; i += 2) await pm2(sandbox, ['set', `pm2-logrotate:${words[i]}`, String(words[i + 1])]);
    await pm2(sandbox, ['install', '.'], folder);
    return {
      async stop() {
        // The last copy that it began is compressed and the file truncated within its interval.
        await sleep(2_000);
        const module = (await list(sandbox)).find(({ name }) => name === 'pm2-logrotate');
        const usage = usageOf(module?.pid ?? 0);
        await pm2(sandbox, ['stop', 'pm2-logrotate']);
        return { ...usage, note: '' };
      },
    };
  },
};

async function fetched(sandbox: Sandbox): Promise<string> {
  const folder = join(CACHE, 'node_modules/pm2-logrotate');
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(join(CACHE, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `pm2-logrotate@${VERSION}`];
    const { code, stderr } = await sandbox.run('npm', args, { cwd: CACHE, deadlineMs: 300_000 });
    if (code !== 0) throw new Error(`npm install pm2-logrotate: ${stderr}`);
  }
  return folder;
}

async function pm2(sandbox: Sandbox, args: readonly string[], cwd = sandbox.dir): Promise<string> {
  const { code, stdout, stderr } = await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), ...args], {
    cwd,
  });
  if (code !== 0) throw new Error(`pm2 ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function list(sandbox: Sandbox): Promise<{ name: string; pid: number }[]> {
  const text = await pm2(sandbox, ['jlist']);
  return JSON.parse(text.slice(text.indexOf('['))) as { name: string; pid: number }[];
}
