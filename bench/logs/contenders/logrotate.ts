import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../test/support/sandbox.ts';
import type { Contender, Cost } from '../contender.ts';

export const logrotate: Contender = {
  name: 'logrotate',
  how: "Debian's, every second: copytruncate, compress, rotate 100000",
  async start(sandbox, directory) {
    const config = join(sandbox.dir, 'logrotate.conf');
    const rules = ['copytruncate', 'compress', 'rotate 100000', 'missingok', 'notifempty'].join('\n  ');
    // It refuses a configuration, and a directory, that others may write to.
    writeFileSync(config, `${join(directory, 'w-*.log')} {\n  ${rules}\n}\n`, { mode: 0o644 });
    const command = ['/usr/sbin/logrotate', '--force', '--state', join(sandbox.dir, 'logrotate.state'), config];
    const child = spawn('/usr/bin/python3', [join(ROOT, 'bench/logs/every-second.py'), ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: sandbox.env,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return {
      async stop() {
        const ended = once(child, 'close');
        child.stdin.end();
        await ended;
        return { ...(JSON.parse(output) as Omit<Cost, 'note'>), note: '' };
      },
    };
  },
};
