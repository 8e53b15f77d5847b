import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newPlan } from '../../src/alerts/saved-plan.ts';
import { liveLine as terminalLine } from '../../src/cli/telling/live-line.ts';
import { alertWords, toldOf } from '../../src/drill/report/told.ts';
import { liveLine } from '../../src/drill/run.ts';

test('whether the alert about a drill went out is read from the queues of its channels', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-told-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(folder, { recursive: true });
  const queue = (channel: string, done: string[], entries: object[]) =>
    writeFileSync(join(folder, `queue-${channel}.json`), JSON.stringify({ version: 1, done, entries, receipts: {} }));
  const told = () => toldOf(folder, ['mail', 'hook', 'chat'], 'api', new Set([12]));

  assert.deepEqual(told(), [], 'nothing is there yet');
  queue('mail', ['api-1-k/1', 'api-2-k/0', 'web-12-k/0'], []);
  assert.deepEqual(told(), [], 'what others were told, and what was told before');
  const plan = newPlan({ inode: 0, offset: 0 }, 0);
  const alerts = [{ phase: 'gathering', key: 'api-12-k' }];
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, state: { ...plan.state, alerts } }));
  assert.equal(told(), 'gathering');
  queue('mail', ['api-12-k/0'], []);
  queue('hook', [], [{ message: { key: 'api-12-k/0' }, tries: 2, isTrying: false }]);
  queue('chat', ['api-12-k/0'], [{ message: { key: 'api-12-k/1' }, tries: 1, isTrying: true }]);
  const found = told();
  assert.deepEqual(found, [
    { channel: 'mail', how: 'delivered' },
    { channel: 'hook', how: 'failed' },
    { channel: 'chat', how: 'delivered' },
  ]);
  assert.equal(alertWords(found), 'delivered: mail chat, failed: hook');
  assert.equal(alertWords([{ channel: 'mail', how: 'delivered' }]), 'delivered');
  assert.deepEqual([alertWords([]), alertWords('gathering'), alertWords(null)], ['none due', 'within 10 s', 'no channel']);
});

test('the live line is written over itself, on a terminal alone, and never wider than that', () => {
  const asked = [true, false, true].map((ok, at) => ({ at, ok }));
  assert.equal(liveLine(3_240, undefined, asked), '  +3.2 s  not seen yet; 1 of 3 requests failed');
  assert.equal(liveLine(3_240, 'restart', asked), '  +3.2 s  restart; 1 of 3 requests failed');
  const written: string[] = [];
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const live = terminalLine({ isTTY: true, columns: 10, write });
  for (const text of ['0123456789 and more', '0123456789 and more', '', '']) live(text);
  assert.deepEqual(written, ['\r\u001b[K012345678', '\r\u001b[K']);
  terminalLine({ isTTY: false, columns: 0, write } as unknown as NodeJS.WriteStream)('nobody looks');
  assert.equal(written.length, 2);
});
