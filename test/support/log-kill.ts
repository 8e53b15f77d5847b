import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, rotationOf, startWriting } from './log-rotation.ts';
import { type Tally, tally } from './log-tally.ts';
import { ROOT, Sandbox } from './sandbox.ts';

/**
 * Kills a process that rotates without a pause, `kills` times at a random moment within `withinMs` of the end of its first rotation, while an app goes on writing;
 * then lets a last one finish the job.
 */
export async function killWhileRotating(options: {
  kills: number;
  withinMs: number;
  linesPerSecond: number;
  instances?: number;
}): Promise<Tally & { names: string[]; written: number }> {
  const sandbox = new Sandbox();
  try {
    const directory = join(sandbox.dir, 'logs');
    const writing = await startWriting(sandbox, { name: 'w', directory, seconds: 3600, ...options });
    for (let i = 0; i < options.kills; i++) await rotateAndKill(sandbox, directory, Math.random() * options.withinMs);
    writing.stop();
    const { written } = await writing.done();
    const rig = await rotationOf(sandbox.pm2Home, directory);
    await rig.rotator.tick();
    await finish(rig);
    rig.close();
    const lines = [...written.values()].reduce((sum, n) => sum + n, 0);
    return { ...(await tally(directory, 'w-out', written)), names: readdirSync(directory), written: lines };
  } finally {
    await sandbox.dispose();
  }
}

async function rotateAndKill(sandbox: Sandbox, directory: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'test/support/log-rotator.ts')], {
    cwd: ROOT,
    env: { ...sandbox.env, LOGS: directory, EVERY: '0' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await sleep(afterMs);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
