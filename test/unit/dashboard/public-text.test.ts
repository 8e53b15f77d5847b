import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownersText, publicText } from '../../../src/dashboard/page/public-text.ts';
import { crashed, limitReached, waits } from '../../../src/policy/telling/reasons.ts';
import { DEFAULTS } from '../../support/policies.ts';

const LINE = 'RuntimeError: the customer hunter2 (exit code 4): Last line: is not known';

test('whatever is said of a crash, the line of its log is for its owner alone', () => {
  const ways = [null, 0, 1, 127, 137, 200].flatMap((code) =>
    [null, 'SIGSEGV', 'SIGKILL', 'SIGUSR1'].map((signal) => ({ code, signal })),
  );
  let quoted = 0;
  for (const way of ways)
    for (const times of [1, 3]) {
      const why = crashed({ ...way, oom: false, lastError: LINE }, { line: LINE, times });
      for (const { text } of [why, waits(why, 4_000), limitReached(10, DEFAULTS, why)]) {
        assert.doesNotMatch(publicText(text), /hunter2|customer/, text);
        assert.ok(publicText(text).length > 15, publicText(text));
        if (ownersText(text).includes('hunter2')) quoted++;
      }
    }
  assert.ok(quoted > 30, 'nothing was quoted: this test shows nothing');
});

test('what quotes nothing is shown as it is, but for what looks like a secret', () => {
  const text = 'It answers 503, and database is down: restarts are held until it is back.';
  assert.equal(publicText(text), text);
  assert.doesNotMatch(publicText('It refused postgres://app:hunter2@db/app'), /hunter2/);
});
