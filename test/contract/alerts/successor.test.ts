import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { plan } from '../../../src/alerts/planning/plan.ts';
import { emptyPlan } from '../../../src/alerts/planning/state.ts';
import { appendIncident, type JournalPosition, journalEnd } from '../../../src/incidents/journal.ts';
import { setupOf } from '../../support/alert-story.ts';
import { recordOf, Teller, webhook } from '../../support/alerting.ts';
import { until } from '../../support/poll.ts';
import { type Received, Receiver } from '../../support/receiver.ts';
import { removeFolder } from '../../support/remove-folder.ts';

test('what happens while a successor posts what was planned before it is planned after what it missed: no alert stays open', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-successor-'));
  const receiver = await Receiver.start();
  // A file each to write, so that posting takes a while.
  const channels = Array.from({ length: 60 }, (_, n) => webhook(receiver.url, `hook-${n}`));
  const teller = new Teller(folder, channels);
  t.after(async () => {
    teller.stop();
    await receiver.stop();
    await removeFolder(folder);
  });
  leftByPredecessor(teller);
  teller.start();
  await until('the queues to be open', () => teller.alerting.channels().length > 0, { everyMs: 0 });
  teller.end('b');
  const isAboutB = ({ json }: Received) => (json.subjects as { name: string }[]).some(({ name }) => name === 'b');
  await until('somebody to be told of b', () => receiver.received.some(isAboutB), { deadlineMs: 60_000 });
  await until('everything to be planned', () => openIn(folder).length === 0);
  assert.deepEqual(openIn(folder), []);
});

/** It has planned what it is to tell of `a`, not yet posted it, and not seen what has begun with `b`. */
function leftByPredecessor(teller: Teller): void {
  const setup = setupOf(['a', 'b'], {
    gatherMs: 0,
    channels: teller.channels.map(({ name, on }) => ({ name, on, takesNote: true })),
  });
  const now = Date.now();
  const down = recordOf('a', 'hold', 'misconfigured', 'Its liveness check answers 404.');
  const { state, notifications } = plan(
    emptyPlan(now),
    [{ type: 'record', record: { ...down, to: 'misconfigured' } }],
    now,
    setup,
  );
  const over = plan(state, [{ type: 'record', record: recordOf('a', 'recover', 'recovered', 'It is well again.') }], now, setup);
  const outgoing = [...notifications, ...over.notifications];
  assert.ok(outgoing.length > 0);
  const saved = { version: 1, state: over.state, position: journalEnd(teller.journal), time: down.time, outgoing };
  mkdirSync(join(teller.folder, 'alerts'), { recursive: true });
  writeFileSync(join(teller.folder, 'alerts/plan.json'), JSON.stringify(saved));
  const missed = recordOf('b', 'hold', 'misconfigured', 'Its liveness check answers 404.');
  appendIncident(teller.journal, { ...missed, to: 'misconfigured' });
}

/** Whom the saved plan has in trouble, told or not. */
function openIn(folder: string): string[] {
  const { state, position } = JSON.parse(readFileSync(join(folder, 'alerts/plan.json'), 'utf8')) as {
    state: { open: Record<string, unknown>; alerts: { id: string }[] };
    position: JournalPosition;
  };
  const isBehind = position.offset < journalEnd(join(folder, 'incidents.jsonl')).offset;
  return [
    ...(isBehind ? ['the journal is not read to its end'] : []),
    ...Object.keys(state.open),
    ...state.alerts.map(({ id }) => id),
  ];
}
