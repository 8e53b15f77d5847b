import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { incidentStory, incidentTable, statisticsReport } from '../../../src/cli/telling/incident-list.ts';
import { painter } from '../../../src/cli/telling/output.ts';
import { causeOf, cureOf, restartsOf } from '../../../src/incidents/cure.ts';
import { incidentHistory } from '../../../src/incidents/history.ts';
import { type Incident, incidentsOf } from '../../../src/incidents/incident.ts';
import type { IncidentRecord } from '../../../src/incidents/journal.ts';
import { signatureOf } from '../../../src/incidents/signature.ts';
import { repeatedOf, statisticsOf } from '../../../src/incidents/statistics.ts';

const BEGAN = Date.parse('2026-11-27T03:12:00Z');

/** A line of the journal, so many seconds after the beginning. */
function line(
  seconds: number,
  what: IncidentRecord['what'],
  incident: number,
  more: Partial<IncidentRecord> = {},
): IncidentRecord {
  const reason = { code: 'hung' as const, text: 'It hangs: 3 checks in a row had no answer within 5 s.' };
  return {
    time: new Date(BEGAN + seconds * 1_000).toISOString(),
    backend: 'api',
    what,
    incident,
    from: 'healthy',
    to: 'unhealthy',
    cause: 'hang',
    reason,
    restarts: 0,
    sinceFailureMs: 0,
    ...more,
  };
}

/** Noticed 4 s after the first failure, restarted at once, well 8 s after it. */
const hang = (seconds: number, incident: number): IncidentRecord[] => [
  line(seconds + 4, 'fail', incident, { sinceFailureMs: 4_000 }),
  line(seconds + 4, 'restart', incident, { sinceFailureMs: 4_000 }),
  line(seconds + 9, 'recover', incident, { sinceFailureMs: 8_000 }),
];

test('what was brought about on purpose is known as such', () => {
  const records = [...hang(0, 1), ...hang(60, 2).map((record): IncidentRecord => ({ ...record, drill: true }))];
  const incidents = incidentsOf(records);
  assert.deepEqual(
    incidents.map(({ drill }) => drill),
    [false, true],
  );
  const shown = incidentTable(incidents, BEGAN + 100_000, { paint: painter(false, {}), columns: null });
  assert.match(shown, /^api-1 .* hang +a restart\n.*api-2 .* hang \(drill\) +a restart/m);
});

const summary = ({ id, startedAt, endedAt, open }: Incident) => [
  id,
  (startedAt - BEGAN) / 1_000,
  endedAt === null ? null : (endedAt - BEGAN) / 1_000,
  open,
];

test('an incident lasts from the first failure to the moment from which it was well', () => {
  const [only, ...others] = incidentsOf(hang(0, 1));
  assert.ok(only);
  assert.deepEqual(others, []);
  assert.deepEqual(summary(only), ['api-1', 0, 8, false]);
  assert.equal(only.detectedAt - only.startedAt, 4_000);
  assert.deepEqual([causeOf(only), cureOf(only), restartsOf(only)], ['hang', 'restart', 1]);
});

test('what an operator does between two incidents belongs to none; what he does during one cures it', () => {
  const found = incidentsOf([
    ...hang(0, 1),
    line(60, 'pause', 1, { cause: 'operator' }),
    line(70, 'restart', 1, { cause: 'operator' }),
    line(100, 'hold', 2, { cause: '503' }),
    line(130, 'restart', 2, { cause: 'operator' }),
    line(140, 'recover', 2, { cause: '503', sinceFailureMs: 39_000 }),
    line(200, 'hold', 3, { cause: '503' }),
    line(210, 'recover', 3, { cause: '503', sinceFailureMs: 9_000 }),
    line(300, 'hold', 4, { cause: '503', reason: { code: 'dependency-down', text: 'It answers 503, and database is down.' } }),
    line(310, 'recover', 4, { cause: '503', sinceFailureMs: 9_000 }),
  ]);
  assert.deepEqual(found.map(summary), [
    ['api-1', 0, 8, false],
    ['api-2', 100, 139, false],
    ['api-3', 200, 209, false],
    ['api-4', 300, 309, false],
  ]);
  assert.deepEqual(found.map(cureOf), ['restart', 'operator', 'itself', 'dependency']);
});

test('one that is not over is open; one whose end lifeguard did not see is not; two of one number are told apart', () => {
  const found = incidentsOf([
    line(0, 'fail', 1),
    line(10, 'fail', 1, { backend: 'web' }),
    line(500, 'fail', 2), // lifeguard was not there when api-1 ended
    ...hang(600, 1), // and had lost its state here
  ]);
  assert.deepEqual(found.map(summary), [
    ['api-1@2026-11-27T03:12', 0, null, false],
    ['web-1', 10, null, true],
    ['api-2', 500, null, false],
    ['api-1', 600, 608, false],
  ]);
});

test('the same failure again has the same signature, whatever its numbers are', () => {
  const [first, second, other] = incidentsOf([
    ...hang(0, 1),
    ...hang(100, 2).map((record) => ({
      ...record,
      reason: { ...record.reason, text: record.reason.text.replace('5 s', '12 s') },
    })),
    line(300, 'fail', 3, { cause: 'crash', reason: { code: 'crashed', text: 'It ended with exit code 1.' } }),
  ]);
  assert.ok(first && second && other);
  assert.equal(signatureOf(first), signatureOf(second));
  assert.notEqual(signatureOf(first), signatureOf(other));
  const [most] = repeatedOf([first, second, other]);
  assert.deepEqual([most?.count, most?.cures, most?.recovery.median], [2, ['restart'], 8_000]);
});

test('what can be counted: causes, spreads, and what of the time was lost', () => {
  const incidents = incidentsOf([...hang(0, 1), ...hang(100, 2), line(190, 'fail', 3, { cause: 'crash' })]);
  const found = statisticsOf(incidents, { names: ['api', 'web'], from: BEGAN, until: BEGAN + 200_000 });
  assert.deepEqual([found.incidents, found.open, found.byCause], [3, 1, { hang: 2, crash: 1 }]);
  assert.deepEqual(found.recovery, { median: 8_000, p95: 8_000 });
  assert.deepEqual(found.backends, [
    { name: 'api', lostMs: 26_000, availability: 1 - 26 / 200 },
    { name: 'web', lostMs: 0, availability: 1 },
  ]);
  const nothing = statisticsOf([], { names: [], from: BEGAN, until: BEGAN });
  assert.deepEqual(nothing.recovery, { median: null, p95: null });
});

test('rotated journals are read too, those that are older than what is asked for are not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'lifeguard-history-'));
  after(() => rmSync(dir, { recursive: true }));
  const text = (records: readonly IncidentRecord[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const [begun, ...rest] = hang(0, 1);
  writeFileSync(join(dir, 'incidents-2026-11-27T03-12-04Z.jsonl.gz'), gzipSync(text([begun as IncidentRecord])));
  writeFileSync(join(dir, 'incidents-2026-11-27T09-00-00Z.jsonl'), `${text(rest)}{"torn":`);
  writeFileSync(join(dir, 'incidents.jsonl'), text(hang(90_000, 2)));
  const journal = join(dir, 'incidents.jsonl');
  assert.deepEqual(
    (await incidentHistory(journal)).map(({ id }) => id),
    ['api-1', 'api-2'],
  );
  assert.deepEqual(
    (await incidentHistory(journal, BEGAN + 80_000_000)).map(({ id }) => id),
    ['api-2'],
  );
  assert.deepEqual(await incidentHistory(join(dir, 'none.jsonl')), []);
});

test('in 80 columns, and in words', () => {
  const look = { paint: painter(false, {}), columns: 80 };
  const backend = 'mediaposter-backend';
  const incidents = incidentsOf([...hang(0, 112), ...hang(100, 113)].map((record) => ({ ...record, backend })));
  const now = BEGAN + 200_000;
  const seen = repeatedOf(incidents)[0] ?? null;
  const statistics = statisticsOf(incidents, { names: [backend], from: BEGAN, until: now });
  const [first] = incidents;
  assert.ok(first);
  const texts = [incidentTable(incidents, now, look), incidentStory(first, seen, now, look), statisticsReport(statistics, look)];
  for (const text of texts) for (const each of text.split('\n')) assert.ok(each.length <= 80, `${each.length}: ${each}`);
  const plain = texts.join('\n').replace(/\s+/g, ' ');
  assert.match(plain, /mediaposter-backend-112 2026-11-27 \d\d:12:00 8 s hang a restart/);
  assert.match(plain, /mediaposter-backend-112: hang, .* \(8 s\), cured by a restart/);
  assert.match(plain, /2 times, cured by a restart after 8 s: mediaposter-backend, hang: It hangs/);
  assert.match(plain, /\+4 s fail It hangs.* \+4 s restart \+9 s recover/);
  assert.match(plain, /2 incidents: hang 2 time to detect median 4 s, 95 % within 4 s time to recover median 8 s/);
  assert.match(plain, /mediaposter-backend 92\.000 % 16 s/);
});
