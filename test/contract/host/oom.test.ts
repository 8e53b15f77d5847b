import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryCgroup, oomKills } from '../../../src/host/linux/oom-count.ts';
import { watchOom } from '../../../src/host/memory/oom-watch.ts';
import { until } from '../../support/poll.ts';

const parent = memoryCgroup(read('/proc/self/cgroup'), read('/proc/self/mountinfo'));

test('what the OOM killer did in a cgroup is counted there', {
  skip: !mayLimit() && 'needs a memory cgroup of one’s own',
}, async (t) => {
  assert.ok(parent);
  const directory = join(parent.directory, `lifeguard-test-${process.pid}`);
  mkdirSync(directory);
  writeFileSync(join(directory, parent.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'), String(40e6));

  const keeper = spawn('sleep', ['60']);
  writeFileSync(join(directory, 'cgroup.procs'), String(keeper.pid));
  t.after(() => {
    keeper.kill('SIGKILL');
    return until('the cgroup to be empty', () => tryTo(() => rmdirSync(directory)));
  });
  const watch = watchOom(
    () => oomKills(keeper.pid),
    () => performance.now(),
  );
  assert.equal(watch.takeKill(), false);

  const code = 'setTimeout(() => { const all = []; for (;;) all.push(Buffer.alloc(1e6, 1)); }, 300)';
  const victim = spawn(process.execPath, ['-e', code]);
  writeFileSync(join(directory, 'cgroup.procs'), String(victim.pid));
  const [, signal] = await once(victim, 'exit');
  assert.equal(signal, 'SIGKILL');
  await until('the count', () => watch.takeKill());
  assert.equal(watch.takeKill(), false, 'it explains one exit');
  assert.ok((oomKills(keeper.pid) ?? 0) >= 1);
});

test('this process has a count, one that does not exist has the machine’s', () => {
  assert.equal(typeof oomKills(), 'number');
  assert.equal(typeof oomKills(2 ** 22 + 1), 'number');
});

function mayLimit(): boolean {
  const limit = parent && join(parent.directory, parent.version === 1 ? 'memory.limit_in_bytes' : 'memory.max');
  return limit !== null && tryTo(() => accessSync(limit, constants.W_OK));
}

function tryTo(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function read(file: string): string {
  return tryTo(() => readFileSync(file)) ? readFileSync(file, 'utf8') : '';
}
