import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownApps } from '../../../src/pm2/ownership/own-apps.ts';
import type { Pm2Client } from '../../../src/pm2/types.ts';

test('what a lifeguard asks of its own apps goes to PM2 with all that belongs to it', async () => {
  const asked: unknown[] = [];
  const note = async (...words: unknown[]) => void asked.push(words);
  const client: Pm2Client = {
    list: async () => [],
    restart: (...words) => note('restart', ...words),
    reload: (...words) => note('reload', ...words),
    stop: (...words) => note('stop', ...words),
    delete: (...words) => note('delete', ...words),
    reloadLogs: () => note('reloadLogs'),
    onEvent: async () => undefined,
    close: () => undefined,
  };
  const own = ownApps(client, () => true);
  await own.restart(3, { killTimeoutMs: 10_000, nextDelayMs: 10_000 });
  await own.stop(3, { killTimeoutMs: 10_000 });
  await own.reload(4, { killTimeoutMs: 10_000, listenTimeoutMs: 60_000, nextDelayMs: null });
  await own.delete(5);
  assert.deepEqual(asked, [
    ['restart', 3, { killTimeoutMs: 10_000, nextDelayMs: 10_000 }],
    ['stop', 3, { killTimeoutMs: 10_000 }],
    ['reload', 4, { killTimeoutMs: 10_000, listenTimeoutMs: 60_000, nextDelayMs: null }],
    ['delete', 5],
  ]);
});
