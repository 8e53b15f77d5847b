import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from '../../../src/config/mistakes/nearest.ts';

test('the nearest key, and none for what is far from all', () => {
  const keys = ['on', 'max_restarts', 'within', 'cool_down', 'backoff', 'kill_timeout', 'max_memory'];
  assert.equal(nearest('max_restart', keys), 'max_restarts');
  assert.equal(nearest('maxRestarts', keys), 'max_restarts');
  assert.equal(nearest('kil-timeout', keys), 'kill_timeout');
  assert.equal(nearest('withni', keys), 'within');
  assert.equal(nearest('watch', keys), null);
  assert.equal(nearest('x', []), null);
});

test('a distance: nought for the same, the same both ways, at most the longer word', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      assert.equal(editDistance(a, a), 0);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});
