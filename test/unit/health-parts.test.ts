import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from '../../src/health/http/retry-after.ts';
import { parseTarget } from '../../src/health/target.ts';

const NOW = Date.parse('2026-11-24T10:00:00Z');

test('Retry-After', () => {
  const cases: [string | undefined, string | undefined, number | null][] = [
    [undefined, undefined, null],
    ['8', undefined, 8_000],
    [' 0 ', undefined, 0],
    ['-1', undefined, null],
    ['1.5', undefined, null],
    ['soon', undefined, null],
    ['12345678901', undefined, null],
    ['Tue, 24 Nov 2026 10:00:30 GMT', undefined, 30_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 'Tue, 24 Nov 2026 10:00:20 GMT', 10_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 'rubbish', 30_000],
    ['Tue, 24 Nov 2026 09:59:00 GMT', undefined, 0],
    ['Tuesday, 24-Nov-26 10:00:30 GMT', undefined, 30_000],
    ['Tue Nov 24 10:00:30 2026 GMT', undefined, 30_000],
    ['2026-11-24T10:00:30Z', undefined, null],
  ];
  for (const [header, date, expected] of cases) assert.equal(retryAfterMs(header, date, NOW), expected, header);
});

test('a target: hosts in the order of trying, port, path', () => {
  const brief = (url: string) => {
    const target = parseTarget(url);
    return [target.kind, target.hosts.join(' '), target.port, target.kind === 'tcp' ? '' : target.request.split(' ')[1]].join(
      '|',
    );
  };
  assert.equal(brief('http://127.0.0.1:5555/health?x=1#y'), 'http|127.0.0.1|5555|/health?x=1');
  assert.equal(brief('http://localhost:5555'), 'http|127.0.0.1 ::1|5555|/');
  assert.equal(brief('https://api.example/'), 'https|api.example|443|/');
  assert.equal(brief('http://[::1]/'), 'http|::1|80|/');
  assert.equal(brief('tcp://db:5432'), 'tcp|db|5432|');
  assert.equal(brief('tcp://[::1]:5432'), 'tcp|::1|5432|');
});

test('only a loopback backend may have any certificate', () => {
  const any = (url: string) => {
    const target = parseTarget(url);
    return target.kind !== 'tcp' && target.anyCertificate;
  };
  for (const url of ['https://localhost/', 'https://127.0.0.1/', 'https://127.1.2.3/', 'https://[::1]/'])
    assert.equal(any(url), true, url);
  for (const url of ['https://10.0.0.1/', 'https://127.0.0.1.example/', 'https://localhost.example/', 'https://[::2]/']) {
    assert.equal(any(url), false, url);
  }
});

test('a mistaken target is named without its user-info', () => {
  for (const url of ['nonsense', '/health', 'ftp://me:secret@host/', 'tcp://me:secret@host', 'http://me:secret@host:99999/']) {
    assert.throws(
      () => parseTarget(url),
      (error: Error) => error instanceof TypeError && !error.message.includes('secret'),
      url,
    );
  }
});
