import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byTime, freeName, MAX_SEQUENCE, parseRotated, rotatedName } from '../../../src/logs/on-disk/names.ts';

const at = Date.UTC(2026, 10, 24);
const anyTime = fc.integer({ min: 0, max: Date.UTC(2100, 0) / 1000 }).map((seconds) => seconds * 1000);
const anySequence = fc.integer({ min: 1, max: MAX_SEQUENCE });

test('a rotated name is the live one with the time in UTC', () => {
  assert.equal(rotatedName('/var/log/api-out.log', at), 'api-out-2026-11-24T00-00-00Z.log');
  assert.equal(rotatedName('api-out.log', at, 2), 'api-out-2026-11-24T00-00-00Z_002.log');
  assert.equal(rotatedName('incidents.jsonl', at + 999), 'incidents-2026-11-24T00-00-00Z.jsonl');
  assert.equal(rotatedName('plain', at), 'plain-2026-11-24T00-00-00Z');
});

test('a name is read back to what made it', () => {
  fc.assert(
    fc.property(anyTime, anySequence, fc.boolean(), (atMs, sequence, compressed) => {
      const name = rotatedName('a.b(c)[1]-out.log', atMs, sequence) + (compressed ? '.gz' : '');
      assert.deepEqual(parseRotated('a.b(c)[1]-out.log', name), { atMs, sequence, compressed });
    }),
  );
});

test('nothing else is taken for a rotated file', () => {
  const others = [
    'api-out.log',
    'api-out.log.gz',
    'api-out-2026-11-24.log',
    'api-out-2026-11-24T00-00-00Z.log.gz.partial',
    '.api-out-2026-11-24T00-00-00Z.log.join',
    'api-out-2026-11-24T00-00-00Z.txt',
    'api-out-2026-02-31T00-00-00Z.log',
    'api-out-2026-11-24T25-00-00Z.log',
    'api-out-2026-11-24T00-00-00Z_001.log',
    'api-out-2026-11-24T00-00-00Z_02.log',
    'api-out-1-2026-11-24T00-00-00Z.log',
    'api-out-2026-11-24T00-00-00Z.log.bak',
    'xapi-out-2026-11-24T00-00-00Z.log',
    'api-outX2026-11-24T00-00-00Z.log',
    'api-out__2026-11-24_00-00-00.log.gz',
  ];
  for (const name of others) assert.equal(parseRotated('api-out.log', name), null, name);
});

test('names sort by time, as text too, compressed or not', () => {
  const rotation = fc.record({ atMs: anyTime, sequence: anySequence, gz: fc.constantFrom('', '.gz') });
  fc.assert(
    fc.property(rotation, rotation, (a, b) => {
      fc.pre(byTime(a, b) !== 0);
      const [nameA, nameB] = [a, b].map(({ atMs, sequence, gz }) => rotatedName('api-out.log', atMs, sequence) + gz);
      assert.equal(String(nameA) < String(nameB), byTime(a, b) < 0);
    }),
  );
});

test('a name is never given twice', () => {
  const taken = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const name = freeName('api-out.log', at, taken);
    assert.ok(name !== null && !taken.has(name));
    // Compressed meanwhile or not: the name is taken.
    taken.add(i % 2 ? name : `${name}.gz`);
  }
  const full = new Set(Array.from({ length: MAX_SEQUENCE }, (_, i) => rotatedName('api-out.log', at, i + 1)));
  assert.equal(freeName('api-out.log', at, full), null);
});
