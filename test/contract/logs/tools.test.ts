import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { rotationOf, startWriting } from '../../support/log-rotation.ts';
import { until } from '../../support/poll.ts';
import { ROOT, Sandbox } from '../../support/sandbox.ts';

test('pm2 logs, pm2 logs --lines, pm2 flush and tail -F go on working across rotations', async () => {
  const sandbox = new Sandbox();
  const directory = join(sandbox.dir, 'logs');
  const live = join(directory, 'w-out.log');
  const writing = await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 100, seconds: 3600 });
  const rig = await rotationOf(sandbox.pm2Home, directory, { compress: false });
  after(() => rig.close());
  const pm2 = [join(ROOT, 'node_modules/pm2/bin/pm2')];
  const tail = follow('tail', ['-n', '+1', '-F', live], sandbox);
  const logs = follow(process.execPath, [...pm2, 'logs', 'w', '--raw', '--lines', '0'], sandbox);
  after(() => {
    for (const { stop } of [tail, logs]) stop();
    return sandbox.dispose();
  });
  await until('both to follow', () => tail.lines.length > 0 && logs.lines.length > 0);

  for (let i = 0; i < 4; i++) {
    const [seen, streamed] = [tail.lines.length, logs.lines.length];
    await until('both to go on', () => tail.lines.length > seen + 5 && logs.lines.length > streamed + 5);
    await rig.rotator.rotateNow();
  }
  await until('lines in the newest file', () => lstatSync(live).size > 2_000);
  const last = await sandbox.run(process.execPath, [...pm2, 'logs', 'w', '--raw', '--nostream', '--out', '--lines', '5']);
  assert.equal(numbers(last.stdout.split('\n')).length, 5);

  const flushed = await sandbox.run(process.execPath, [...pm2, 'flush', 'w']);
  assert.equal(flushed.code, 0);
  await until('lines after the flush', () => lstatSync(live).size > 500);
  await rig.rotator.rotateNow();
  await until('lines after that', () => lstatSync(live).size > 500);

  writing.stop();
  const { written } = await writing.done();
  const total = written.get('0') ?? 0;
  await until('the last line', () => [tail, logs].every(({ lines }) => numbers(lines).at(-1) === total - 1));
  // The bus has every line from the first that it got; tail -F has them in order, each once.
  const streamed = numbers(logs.lines);
  assert.deepEqual(streamed, range(streamed[0] ?? 0, total));
  const followed = numbers(tail.lines);
  assert.deepEqual(
    followed,
    [...new Set(followed)].toSorted((a, b) => a - b),
  );
});

function follow(command: string, args: readonly string[], sandbox: Sandbox) {
  const child = spawn(command, args, { env: sandbox.env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    get lines() {
      return text.split('\n').slice(0, -1);
    },
    stop: () => child.kill('SIGKILL'),
  };
}

function numbers(lines: readonly string[]): number[] {
  return lines.flatMap((line) => /^w0 (\d+) [0-9a-f]{8} GET/.exec(line)?.[1] ?? []).map(Number);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
