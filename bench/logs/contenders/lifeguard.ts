import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { OWN_FILE } from '../../../test/support/log-rotation.ts';
import { ROOT } from '../../../test/support/sandbox.ts';
import type { Contender } from '../contender.ts';
import { usageOf } from '../usage.ts';

export const lifeguard: Contender = {
  name: 'pm2-lifeguard',
  how: 'second name, swap and reloadLogs at an idle instant, checked against the bus; a process that does nothing else',
  async start(sandbox, directory) {
    const child = spawn(process.execPath, [join(ROOT, 'bench/logs/lifeguard-rotator.js')], {
      cwd: ROOT,
      env: { ...sandbox.env, LOGS: directory, OWNER: OWN_FILE },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return {
      async stop() {
        const usage = usageOf(child.pid ?? 0);
        const ended = once(child, 'close');
        child.stdin.end();
        await ended;
        const { repaired, unverified, failed } = JSON.parse(output) as Record<string, number>;
        return { ...usage, note: `${repaired} repaired, ${unverified} unverified, ${failed} failed` };
      },
    };
  },
};
