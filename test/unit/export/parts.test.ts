import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckTarget, HttpCheck } from '../../../src/config/resolved.ts';
import { checkCommand } from '../../../src/export/check-command.ts';
import { headerOf } from '../../../src/export/comment.ts';
import { composeDuration, composeSize, literal } from '../../../src/export/compose/compose-values.ts';
import { dnsLabel } from '../../../src/export/dns-label.ts';
import { endpointOf } from '../../../src/export/endpoint.ts';
import { clashes } from '../../../src/export/kubernetes/names.ts';
import { planKubernetes } from '../../../src/export/kubernetes/plan-kubernetes.ts';
import { isSecret } from '../../../src/export/secrets.ts';
import { argument, word } from '../../../src/export/systemd/quote.ts';
import { systemdTime } from '../../../src/export/systemd/unit-file.ts';
import { typed } from '../../../src/export/typed.ts';
import { yamlOf } from '../../../src/export/yaml.ts';
import { inputOf } from '../../support/export/configurations.ts';

test('a word of a unit is quoted where systemd would read something else', () => {
  assert.equal(word('/srv/shop-1.0/server.js'), '/srv/shop-1.0/server.js');
  assert.equal(word('my project'), '"my project"');
  assert.equal(word('100%'), '100%%');
  assert.equal(word('a "b" \\ c\nd'), '"a \\"b\\" \\\\ c\\nd"');
  assert.equal(word(''), '""');
  assert.equal(word('$HOME'), '"$HOME"');
  assert.equal(argument('$HOME'), '"$$HOME"');
  assert.equal(argument(';'), '";"');
});

test('durations as systemd and compose write them', () => {
  assert.deepEqual([0, 250, 1_500, 60_000, 5_400_000, 864_000_000].map(systemdTime), [
    '0',
    '250ms',
    '1500ms',
    '1min',
    '90min',
    '10d',
  ]);
  assert.deepEqual([250, 60_000, 864_000_000].map(composeDuration), ['250ms', '1m', '240h']);
  assert.deepEqual([524_288_000, 1_000].map(composeSize), ['500m', '1000b']);
});

test('a name becomes a DNS label, and two long ones stay two', () => {
  assert.equal(dnsLabel('Media_Poster.v2'), 'media-poster-v2');
  assert.equal(dnsLabel('2nd'), 'b-2nd');
  const [first, second] = [dnsLabel(`${'x'.repeat(63)}a`), dnsLabel(`${'x'.repeat(63)}b`)];
  assert.ok(first.length <= 63 && second.length <= 63 && first !== second);
});

test('backends that Kubernetes cannot tell apart are refused', () => {
  assert.deepEqual(clashes(['api', 'web', 'API']), [['api', 'API']]);
  const backends = ['api.v1', 'api_v1'].map((name) => ({
    name,
    run: { script: 'a.js' },
    health: { liveness: null, readiness: null },
  }));
  const input = inputOf({ name: '', definition: { backends }, envFiles: {}, images: {} }, '/srv', '/usr/bin/node');
  assert.throws(() => planKubernetes(input, { autoscaleTo: null }), { code: 'cannot-export', message: /api\.v1 and api_v1/ });
});

test('what YAML 1.1 or compose would take for something else stays what it is', () => {
  assert.equal(
    yamlOf({ a: 'on', b: 'no', c: '22:22', d: '5555', e: 'plain' }),
    'a: "on"\nb: "no"\nc: "22:22"\nd: "5555"\ne: plain\n',
  );
  assert.equal(literal('50% of $5, ${HOME}'), '50% of $$5, $${HOME}');
});

test('no line break gets out of a comment', () => {
  const lines = headerOf('api', [{ about: 'run a\nb\u2028c', text: 'ends\r\n[Service]' }]);
  assert.deepEqual(lines.slice(3), ['- run a b c: ends [Service]']);
});

test('a variable that may hold a secret is known by its name or by a password in its URL', () => {
  const secret = [
    ['DATABASE_PASSWORD', 'x'],
    ['API_KEY', 'x'],
    ['CACHE', 'redis://:sesame@cache:6379'],
  ] as const;
  for (const [name, value] of secret) assert.ok(isSecret(name, value), name);
  assert.ok(!isSecret('PORT', '5555'));
  assert.ok(!isSecret('DATABASE_URL', 'postgres://127.0.0.1/shop'));
});

function get(url: string, more: Partial<HttpCheck> = {}): HttpCheck {
  return { kind: 'http', url, method: 'GET', headers: {}, expect: null, ...more };
}

test('a check is asked where the backend is', () => {
  assert.deepEqual(endpointOf(get('http://127.0.0.1:5555/health?deep=1', { headers: { Host: 'shop.example' } })), {
    kind: 'http',
    scheme: 'http',
    port: 5555,
    path: '/health?deep=1',
    headers: { Host: 'shop.example' },
    expectsMore: false,
  });
  assert.deepEqual(endpointOf({ kind: 'tcp', url: 'tcp://[::1]:81' }), { kind: 'tcp', port: 81 });
  assert.equal(endpointOf(null), null);
});

const UNSAYABLE: readonly [CheckTarget, RegExp][] = [
  [get('https://example.com/health'), /not the backend itself/],
  [get('unix:/run/app.sock:/health'), /a socket file/],
  [get('http://me:sesame@127.0.0.1/'), /a user and a password/],
  [get('http://127.0.0.1/', { headers: { Authorization: 'sesame' } }), /sends Authorization, which may be a secret/],
  [get('http://127.0.0.1/', { method: 'POST' }), /by POST/],
  [get('http://127.0.0.1/', { expect: { status: [401], body: null, json: null } }), /expects 401/],
];
for (const [target, why] of UNSAYABLE)
  test(`a check that no other supervisor can make is said to be one: ${why.source}`, () => {
    const at = endpointOf(target);
    assert.ok(at?.kind === 'other');
    assert.match(at.why, why);
    assert.doesNotMatch(at.why, /sesame/);
  });

test('no command is known for a program that is neither Node nor Python', () => {
  const at = { kind: 'http', scheme: 'http', port: 1, path: '/', headers: {}, expectsMore: false } as const;
  assert.equal(checkCommand('other', at, 1_000, 'ready'), null);
});

test('a command to be typed is quoted for a shell', () => {
  assert.equal(typed('cp', "it's here", '/etc'), "cp 'it'\\''s here' /etc");
});
