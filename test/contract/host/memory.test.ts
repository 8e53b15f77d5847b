import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from '../../../src/host/host.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { memoryOfTrees } from '../../../src/host/memory/tree-usage.ts';
import { HOSTS } from '../../support/hosts.ts';
import { startNode } from '../../support/program.ts';

for (const [name, host] of HOSTS) {
  test(`${name}: the memory of all backends takes one look at the processes, however many they are`, async (t) => {
    const hold = (mb: number) => `const held = Buffer.alloc(${mb}e6, 1); console.log('up'); setInterval(() => held.length, 1e6)`;
    const [small, large] = [await startNode(t, hold(10)), await startNode(t, hold(90))];
    let looks = 0;
    const counted: Host = { ...host, processes: () => host.processes().finally(() => looks++) };
    const asked = Array.from({ length: 100 }, (_, i) => ({ pids: [i % 2 ? large.pid : small.pid], limitBytes: 1e12 }));
    const found = await memoryOfTrees(counted, asked);
    assert.equal(looks, 1);
    assert.equal(found.length, 100);
    const [first = 0, second = 0] = found;
    assert.ok(first !== null && second !== null && second > first + 60e6, `${first} ${second}`);
    assert.deepEqual(await memoryOfTrees(host, [{ pids: [0], limitBytes: 1 }]), [0], 'no process, no memory');
  });
}

test('where the processes cannot be listed the memory is not known, and not nothing', async () => {
  const [, [, host] = []] = HOSTS;
  assert.ok(host);
  const blind: Host = {
    ...host,
    processes: async () => {
      throw new HostError('ps cannot list the processes');
    },
  };
  assert.deepEqual(await memoryOfTrees(blind, [{ pids: [process.pid], limitBytes: 1 }]), [null]);
});
