import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/units/duration.ts';
import { redactUrls } from '../../../src/units/redact-urls.ts';
import { formatSize, parseSize } from '../../../src/units/size.ts';

test('durations are milliseconds inside', () => {
  const read = (text: unknown) => {
    const parsed = parseDuration(text);
    return parsed.ok ? parsed.value : parsed.hint;
  };
  assert.deepEqual(
    ['250ms', '10s', '5m', '1h', '10d', '1.5s', 0, 40].map(read),
    [250, 10_000, 300_000, 3_600_000, 864_000_000, 1_500, 0, 40],
  );
  assert.equal(read('10 seconds'), 'Write 10s.');
  assert.equal(read('5'), 'Write 5s for seconds, or the number without quotes for milliseconds.');
  assert.equal(read('-5s'), 'A duration cannot be negative.');
  assert.equal(read('5w'), 'The units are ms, s, m, h, d.');
  for (const nonsense of ['', 's', 'soon', '1e3s', Number.NaN, Number.POSITIVE_INFINITY, -1, null, true, [], {}])
    assert.equal(parseDuration(nonsense).ok, false);
});

test('sizes are bytes inside, K is 1024 as in PM2', () => {
  const read = (text: unknown) => {
    const parsed = parseSize(text);
    return parsed.ok ? parsed.value : parsed.hint;
  };
  assert.deepEqual(['1K', '10M', '1G', '1.5K', 2048].map(read), [1024, 10_485_760, 1_073_741_824, 1536, 2048]);
  assert.equal(read('500MB'), 'Write 500M.');
  assert.equal(read('500mib'), 'Write 500M.');
  assert.equal(read('10'), 'Write 10M for megabytes, or the number without quotes for bytes.');
  for (const nonsense of ['', 'M', 'big', 0.5, Number.NaN, -1, null]) assert.equal(parseSize(nonsense).ok, false);
});

test('what is written is read again as the same', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 ** 12 }), (ms) => assert.deepEqual(parseDuration(formatDuration(ms)), { ok: true, value: ms })),
  );
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 50 }), (bytes) => {
      const written = formatSize(bytes);
      assert.deepEqual(parseSize(/\d$/.test(written) ? Number(written) : written), { ok: true, value: bytes });
    }),
  );
});

test('no input makes them throw', () => {
  fc.assert(fc.property(fc.anything(), (input) => void [parseDuration(input), parseSize(input)]));
});

test('what is secret in a URL is taken out, wherever it stands in a text; all else stays', () => {
  const shown: [string, string][] = [
    ['at postgres://me:a@b:c@db:5432/x and http://h:1/p?e=a@b', 'at postgres://me:***@db:5432/x and http://h:1/p?e=a@b'],
    ['curl http://user:secret@host/health', 'curl http://user:***@host/health'],
    ['redis://:hunter2@db/1', 'redis://:***@db/1'],
    ['http://h/live?api_key=x&deep=1&access-token=y#end', 'http://h/live?api_key=***&deep=1&access-token=***#end'],
    ['http://h/live?monkey=banana', 'http://h/live?monkey=banana'],
    ['http://127.0.0.1:5555/health', 'http://127.0.0.1:5555/health'],
  ];
  for (const [text, expected] of shown) assert.equal(redactUrls(text), expected);
  assert.equal(
    redactUrls('http://u:secret@h', (secret) => '*'.repeat(secret.length)),
    'http://u:******@h',
  );
});
