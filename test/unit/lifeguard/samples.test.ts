import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Samples } from '../../../src/lifeguard/looking/samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('nothing is known before the first check', () => {
  const nothing = { p50: null, p95: null, p99: null, availability1h: null, availability24h: null };
  assert.deepEqual(new Samples().facts(5 * HOUR), nothing);
});

test('percentiles are those of the last 300 answers', () => {
  const samples = new Samples();
  for (let i = 0; i < 100; i++) samples.add(true, 9_999, i);
  for (let i = 1; i <= 300; i++) samples.add(true, i, 100 + i);
  const { p50, p95, p99 } = samples.facts(500);
  assert.deepEqual([p50, p95, p99], [150, 285, 297]);
});

test('a failure counts for an hour and for a day, to within one span, and is then forgotten', () => {
  const samples = new Samples();
  samples.add(false, null, 10 * MINUTE);
  for (let minute = 11; minute < 21; minute++) samples.add(true, 1, minute * MINUTE);
  const at = (ms: number) => samples.facts(ms);
  assert.deepEqual([at(21 * MINUTE).availability1h, at(21 * MINUTE).availability24h], [10 / 11, 10 / 11]);
  assert.equal(at(69 * MINUTE).availability1h, 10 / 11);
  assert.equal(at(70 * MINUTE).availability1h, 1);
  assert.equal(at(81 * MINUTE).availability1h, null);
  assert.equal(at(24 * HOUR).availability24h, 10 / 11);
  assert.equal(at(24 * HOUR + 15 * MINUTE).availability24h, 1);
  assert.equal(at(30 * HOUR).availability24h, null);
});
