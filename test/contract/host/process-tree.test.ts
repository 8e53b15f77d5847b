import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../../src/host/host.ts';
import { linuxHost } from '../../../src/host/linux/linux-host.ts';
import { memoryOfTrees, treeUsage } from '../../../src/host/memory/tree-usage.ts';
import { endGracefully } from '../../../src/host/processes/end-gracefully.ts';
import { startTimeOf } from '../../../src/host/processes/is-alive.ts';
import { killTree } from '../../../src/host/processes/kill-tree.ts';
import { ancestorsOf, treeOf } from '../../../src/host/processes/trees.ts';
import { HOSTS } from '../../support/hosts.ts';
import { until } from '../../support/poll.ts';
import { startNode, startProgram } from '../../support/program.ts';

for (const [name, host] of HOSTS) {
  const tree = async (pid: number) => treeOf(pid, await host.processes());

  test(`${name}: a tree has its root first, then every level below it`, async (t) => {
    const root = await startProgram(t, 'sh', ['-c', 'sh -c "sleep 60 & sleep 60" & echo up; wait']);
    const found = await until('four processes', async () => {
      const found = await tree(root.pid);
      return found.length === 4 && found;
    });
    assert.equal(found[0], root.pid);
    assert.deepEqual(ancestorsOf(found[3] ?? 0, await host.processes()).slice(0, 2), [found[1], root.pid]);
    assert.ok(!found.includes(process.pid));
  });

  test(`${name}: a worker that lost its parent still belongs to the tree`, async (t) => {
    const root = await startProgram(t, 'sh', ['-c', 'sh -c "sleep 61 & echo up; wait"; true']);
    const [, middle = 0, worker = 0] = await until('three', async () => {
      const found = await tree(root.pid);
      return found.length === 3 && found;
    });
    process.kill(middle, 'SIGKILL');
    await until('the parent to end', async () => (await startTimeOf(host, middle)) === null);
    await until('the root to end', async () => (await startTimeOf(host, root.pid)) === null);
    assert.deepEqual(await tree(root.pid), [worker]);
    assert.deepEqual(
      (await killTree(host, root.pid, 'SIGKILL')).map(({ pid, gone }) => ({ pid, gone })),
      [{ pid: worker, gone: true }],
    );
  });

  test(`${name}: killTree leaves nobody of a tree that forks as fast as it can`, async (t) => {
    const mark = `forking-${process.pid}-${performance.now()}`;
    // Three levels; the middle one starts children without a pause, each in a session of its own and with a child: who is missed
    // before its parent is killed can't be found any more.
    const code = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', \`
        const { spawn } = require('node:child_process');
        let n = 0;
        (function more() { if (n++ < 400) { spawn('sh', ['-c', 'sleep 60 & sleep 60'], { stdio: 'ignore', detached: true }); setImmediate(more); } })();
      \`]);
      console.log('up');`;
    t.after(() => {
      for (const pid of marked(mark)) process.kill(Number(pid), 'SIGKILL');
    });
    const root = await startNode(t, code, { MARK: mark });
    await until('the forking to be under way', async () => (await tree(root.pid)).length > 40, { everyMs: 1 });
    const killed = await killTree(host, root.pid, 'SIGKILL');
    await until('nobody to be left', () => marked(mark).length === 0);
    assert.ok(killed.length > 40);
    assert.ok(killed.every(({ gone }) => gone));
  });

  test(`${name}: a child that was born while its tree was being listed is killed too`, async (t) => {
    // The pids are listed first and looked at one by one: its parent has stood still since, and is seen so in the listing that lacks it.
    const root = await startNode(
      t,
      `const child = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore', detached: true }); console.log(child.pid)`,
    );
    const child = Number(root.firstLine);
    t.after(() => killTree(host, child, 'SIGKILL'));
    let isStill = false;
    const late: Host = {
      ...host,
      async processes() {
        const table = new Map(await host.processes());
        if (!isStill) {
          table.delete(child);
          isStill = table.get(root.pid)?.state === 'T';
        }
        return table;
      },
    };
    assert.deepEqual(
      (await killTree(late, root.pid, 'SIGKILL')).map(({ pid, gone }) => ({ pid, gone })),
      [
        { pid: root.pid, gone: true },
        { pid: child, gone: true },
      ],
    );
  });

  test(`${name}: a pid that means another process by now is left alone`, async (t) => {
    const program = await startProgram(t, 'sh', ['-c', 'echo up; sleep 60']);
    const startTime = (await startTimeOf(host, program.pid)) ?? 0;
    assert.deepEqual(await killTree(host, program.pid, 'SIGKILL', { startTime: startTime - 10_000 }), []);
    assert.ok(host.isSameStart((await startTimeOf(host, program.pid)) ?? 0, startTime));
    assert.equal((await killTree(host, program.pid, 'SIGKILL', { startTime })).length, 2);
  });

  test(`${name}: any other signal goes to all of the tree once`, async (t) => {
    const code = `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)`;
    const stubborn = await startNode(t, code);
    const sent = await killTree(host, stubborn.pid, 'SIGTERM');
    assert.deepEqual(
      sent.map(({ pid, gone }) => ({ pid, gone })),
      [{ pid: stubborn.pid, gone: false }],
    );
    assert.notEqual(await startTimeOf(host, stubborn.pid), null);
  });

  test(`${name}: what was stopped hears that it is to end, and ends by itself`, async (t) => {
    const program = await startNode(
      t,
      `process.on('SIGTERM', () => process.exit(0)); console.log('up'); setInterval(() => {}, 1e6)`,
    );
    process.kill(program.pid, 'SIGSTOP');
    assert.equal(await endGracefully(host, program.pid, 'SIGTERM', 20_000), 'ended');
  });

  test(`${name}: what is stopped while it is to end goes on, and ends by itself`, async (t) => {
    const program = await startNode(
      t,
      `process.on('SIGTERM', () => setTimeout(process.exit, 800)); console.log('up'); setInterval(() => {}, 1e6)`,
    );
    const ended = endGracefully(host, program.pid, 'SIGTERM', 20_000);
    await sleep(300);
    process.kill(program.pid, 'SIGSTOP');
    assert.equal(await ended, 'ended');
  });

  test(`${name}: this process, those above it and pid 1 are never killed`, async () => {
    for (const pid of [process.pid, process.ppid, 1, 0, -1, Number.NaN])
      await assert.rejects(killTree(host, pid, 'SIGKILL'), RangeError);
  });

  test(`${name}: usage is that of the whole tree`, async (t) => {
    const hold = `const held = Buffer.alloc(60e6, 1); const file = require('node:fs').openSync('/dev/null');
      setInterval(() => held.length + file, 1e6);`;
    const alone = await startNode(t, `${hold} console.log('up')`);
    const pair = await startNode(
      t,
      `${hold} require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${hold} console.log('up')`)}], { stdio: 'inherit' })`,
    );
    const one = await treeUsage(host, alone.pid);
    const two = await treeUsage(host, pair.pid);
    assert.ok(one?.rssBytes && two?.rssBytes);
    assert.equal(one.processes, 1);
    assert.equal(two.processes, 2);
    assert.ok(one.rssBytes > 90e6 && one.rssBytes < 250e6, String(one.rssBytes));
    assert.ok(two.rssBytes > one.rssBytes * 1.7);
    if (host.by === 'proc') assert.ok(two.threads > one.threads && one.threads > 4);
    assert.ok((two.openFiles ?? 0) > (one.openFiles ?? 0) && (one.openFiles ?? 0) > 3);
    if (host.by === 'proc') assert.ok(one.cpuMs > 0);
    assert.equal(await treeUsage(host, 2 ** 22 + 1), null);
  });
}

test('over the limit shared pages count once', async (t) => {
  // Forked, so that parent and child have the same memory.
  const code = 'my $held = "x" x 80_000_000; $| = 1; my $child = fork(); print "up\\n" if $child; sleep 60;';
  const program = await startProgram(t, 'perl', ['-e', code]);
  const host = linuxHost();
  await until('two', async () => treeOf(program.pid, await host.processes()).length === 2);
  const memory = async (limitBytes: number) => (await memoryOfTrees(host, [{ pids: [program.pid], limitBytes }]))[0] ?? 0;
  const sum = await memory(1e9);
  const exact = await memory(100e6);
  assert.ok(sum > 155e6, `the sum counts twice: ${sum}`);
  assert.ok(exact > sum * 0.4 && exact < sum * 0.65, `${exact} of ${sum}`);
});

function marked(mark: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) &&
        readFileSync(`/proc/${entry}/environ`, 'utf8').includes(mark) &&
        !/\) Z /.test(readFileSync(`/proc/${entry}/stat`, 'latin1'))
      );
    } catch {
      return false;
    }
  });
}
