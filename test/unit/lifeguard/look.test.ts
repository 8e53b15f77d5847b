import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchedBackend } from '../../../src/config/resolved.ts';
import { verifyPort } from '../../../src/lifeguard/looking/look.ts';
import type { Ports } from '../../../src/lifeguard/ports.ts';
import { type Desk, type Watched, watchedFrom } from '../../../src/lifeguard/watched.ts';
import type { Event } from '../../../src/policy/event.ts';

/** What is told at the first answer of a process when this is found on its port. */
async function toldOf(holder: Awaited<ReturnType<Ports['host']['holderOf']>>): Promise<Event[]> {
  const told: Event[] = [];
  const watched: Watched = watchedFrom({ name: 'api', port: 8000 } as WatchedBackend, []);
  watched.picture = [
    {
      pmId: 0,
      pid: 71,
      startedAt: 5,
      phase: 'up',
      upAt: 5,
      heardAt: 5,
      past: [],
      endsBy: null,
      eager: true,
      gate: null,
      errorFile: '',
    },
  ];
  const desk = { ports: { host: { holderOf: async () => holder } }, tell: (_: Watched, event: Event) => void told.push(event) };
  await verifyPort(desk as unknown as Desk, watched);
  return told;
}

for (const kind of ['stranger', 'orphan'] as const) {
  const who = { kind, pid: 9, command: 'python3' };

  test(`an answer of ${kind === 'orphan' ? 'an orphan of ours' : 'a stranger'} that had the port before a process which lives on without it is not that process's`, async () => {
    const holder = { ...who, earlier: true };
    assert.deepEqual(await toldOf(holder), [{ type: 'port', holder }]);
  });

  test(`${kind} on the port that came after the process may have been started by it`, async () => {
    assert.deepEqual(await toldOf({ ...who, earlier: false }), []);
  });
}
