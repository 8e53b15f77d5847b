import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSocket } from '../../../src/pm2/daemon/connection.ts';
import { connectOrSpawn } from '../../../src/pm2/daemon/reach.ts';
import { prepareApp } from '../../../src/pm2/daemon/upstream.ts';
import { socketWire } from '../../../src/pm2/daemon/wire.ts';
import { socketsOf } from '../../../src/pm2/home.ts';
import type { Sandbox } from '../../support/sandbox.ts';
import type { Rig } from './rig.ts';

/** What an app does as its BEHAVIOUR says, see ./rig.ts. */
const PROGRAM = `
const { endsAfterMs, drainMs, listens } = JSON.parse(process.env.BEHAVIOUR);
if (drainMs !== undefined) process.on('SIGINT', () => drainMs !== null && setTimeout(() => process.exit(0), drainMs));
if (endsAfterMs !== undefined) setTimeout(() => process.exit(3), endsAfterMs);
if (listens) require('node:http').createServer().listen(0, '127.0.0.1');
setInterval(() => {}, 1000);
require('node:fs').appendFileSync(process.env.READY_FILE, process.pid + '\\n');`;

/** A real PM2 in this sandbox. */
export async function realRig(sandbox: Sandbox): Promise<Rig & { close(): void }> {
  const script = join(sandbox.dir, 'app.cjs');
  writeFileSync(script, PROGRAM);
  const launcher = await connectOrSpawn(sandbox.pm2Home, sandbox.env);
  const { rpc, bus } = socketsOf(sandbox.pm2Home);
  const wire = socketWire(await openSocket(rpc), bus);
  wire.onLost(() => undefined);
  const readyFile = (app: string): string => join(sandbox.dir, `${app}.ready`);
  return {
    wire,
    async start({ name, behaviour, declared }) {
      const logs = { out_file: join(sandbox.dir, `${name}.log`), error_file: join(sandbox.dir, `${name}.error.log`) };
      const app = {
        name,
        script,
        cwd: sandbox.dir,
        env: {},
        autorestart: true,
        treekill: true,
        pmx: false,
        ...logs,
        ...declared,
      };
      const environment = { PATH: process.env.PATH ?? '', BEHAVIOUR: JSON.stringify(behaviour), READY_FILE: readyFile(name) };
      await launcher.prepare(prepareApp(app, environment, sandbox.pm2Home));
    },
    isReady: (app, pid) => existsSync(readyFile(app)) && readFileSync(readyFile(app), 'utf8').split('\n').includes(String(pid)),
    kill: (pid) => void process.kill(pid, 'SIGKILL'),
    now: () => performance.now(),
    sleep: (ms) => sleep(ms),
    close() {
      wire.close();
      launcher.close();
    },
  };
}
