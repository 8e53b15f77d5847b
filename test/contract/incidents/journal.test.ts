import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { appendIncident, type IncidentRecord, journalEnd } from '../../../src/incidents/journal.ts';
import { readIncidents } from '../../../src/incidents/read-incidents.ts';
import { readSince } from '../../../src/incidents/read-since.ts';
import { startProgram } from '../../support/program.ts';
import { ROOT } from '../../support/sandbox.ts';

test('records come back, the last of them, oldest first; the file is its owner’s alone', (t) => {
  const file = join(folder(t), 'logs/incidents.jsonl');
  assert.deepEqual(readIncidents(file, 5), []);
  for (let number = 1; number <= 2_000; number++) assert.ok(appendIncident(file, record(number)).ok);
  assert.deepEqual(numbers(readIncidents(file, 3)), [1998, 1999, 2000]);
  assert.equal(readIncidents(file, 10_000).length, 2_000);
  assert.deepEqual(readIncidents(file, 1)[0], record(2_000));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a line that was cut off is passed over, and spoils no other', (t) => {
  const file = join(folder(t), 'incidents.jsonl');
  appendIncident(file, record(1));
  appendFileSync(file, '{"time":"2026-11-24T10:0');
  assert.deepEqual(numbers(readIncidents(file, 5)), [1]);
  appendIncident(file, record(2));
  appendFileSync(file, 'null\n{}\nrubbish\n\n');
  appendIncident(file, record(3));
  assert.deepEqual(numbers(readIncidents(file, 5)), [1, 2, 3]);
  // Lines over many pieces, a piece's border inside a character.
  appendIncident(file, { ...record(4), backend: 'ä'.repeat(100_001) });
  appendIncident(file, record(5));
  assert.deepEqual(numbers(readIncidents(file, 5)), [1, 2, 3, 4, 5]);
  assert.equal(readIncidents(file, 2)[0]?.backend.length, 100_001);
  truncateSync(file, statSync(file).size - 1);
  assert.deepEqual(numbers(readIncidents(file, 1)), [5]);
});

test('after a rotation by rename the new file is written', (t) => {
  const file = join(folder(t), 'incidents.jsonl');
  appendIncident(file, record(1));
  renameSync(file, `${file}.old`);
  appendIncident(file, record(2));
  assert.deepEqual(numbers(readIncidents(file, 5)), [2]);
  assert.deepEqual(numbers(readIncidents(`${file}.old`, 5)), [1]);
});

test('several writers at once tear no line', async (t) => {
  const file = join(folder(t), 'incidents.jsonl');
  const script = `import { appendIncident } from '${ROOT}src/incidents/journal.ts';
    for (let number = 0; number < 300; number++) appendIncident(${JSON.stringify(file)}, { time: 'x', backend: 'b'.repeat(3_000), incident: number });
    console.log('done');`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  await Promise.all([1, 2, 3].map(() => startProgram(t, process.execPath, args)));
  assert.equal(readIncidents(file, 10_000).length, 900);
  // A writer that comes while another one's line is half there keeps its own apart by an empty line.
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  assert.equal(lines.length, 900);
});

test('a full disk or a path that is no folder is said, not thrown', (t) => {
  assert.match(whyNot('/dev/full'), /ENOSPC/);
  const file = join(folder(t), 'file');
  writeFileSync(file, '');
  assert.match(whyNot(join(file, 'incidents.jsonl')), /ENOTDIR/);
});

test('what was added since a place in it; of one that was rotated since, what is newer', async (t) => {
  const file = join(folder(t), 'incidents.jsonl');
  const nowhere = journalEnd(file);
  assert.deepEqual(await readSince(file, nowhere, ''), { records: [], end: nowhere });
  const first = appendIncident(file, record(1));
  assert.ok(first.ok);
  assert.deepEqual(first.end, journalEnd(file));
  assert.deepEqual(numbers((await readSince(file, nowhere, '')).records), [1]);
  assert.deepEqual(await readSince(file, first.end, ''), { records: [], end: first.end });
  appendIncident(file, record(2));
  appendFileSync(file, '{"time":"2026-11-24T10:0');
  appendIncident(file, record(3));
  assert.deepEqual(numbers((await readSince(file, first.end, '')).records), [2, 3]);
  renameSync(file, `${file}.old`);
  appendIncident(file, { ...record(4), time: '2026-11-24T09:00:00.000Z' });
  const last = appendIncident(file, { ...record(5), time: '2026-11-24T11:00:00.000Z' });
  const since = await readSince(file, first.end, '2026-11-24T10:00:00.000Z');
  assert.deepEqual(numbers(since.records), [5]);
  assert.deepEqual(last, { ok: true, end: since.end });
});

function whyNot(file: string): string {
  const appended = appendIncident(file, record(1));
  return appended.ok ? 'it was written' : appended.why;
}

function record(number: number): IncidentRecord {
  return {
    time: '2026-11-24T10:00:00.000Z',
    backend: 'api',
    what: 'restart',
    incident: number,
    from: 'unhealthy',
    to: 'restarting',
    cause: 'hang',
    reason: { code: 'hung', text: 'no answer to three checks in a row: killed' },
    restarts: 1,
    sinceFailureMs: 7_100,
  };
}

function numbers(records: readonly IncidentRecord[]): number[] {
  return records.map(({ incident }) => incident);
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'lifeguard-journal-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}
