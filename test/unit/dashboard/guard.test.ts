import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressed } from '../../../src/dashboard/page/origin.ts';
import { tokenJudge } from '../../../src/dashboard/page/token.ts';

const HERE = addressed({ machine: 'vm1', host: '127.0.0.1', url: 'https://status.example.org/pm2' });

test('a name that leads here without being ours is refused, whatever it leads to: DNS rebinding', () => {
  for (const host of ['127.0.0.1:5556', 'localhost:5556', '[::1]:5556', 'vm1:5556', 'VM1', 'status.example.org', '10.0.0.7:5556'])
    assert.equal(HERE.isOurs(host), true, host);
  for (const host of [undefined, '', 'evil.example', 'localhost.evil.example', 'evil.example:5556', 'a@127.0.0.1', 'x/127.0.0.1'])
    assert.equal(HERE.isOurs(host), false, String(host));
});

test("no other site's page may ask, and none of another port of this machine", () => {
  for (const origin of [undefined, 'http://127.0.0.1:5556', 'https://status.example.org'])
    assert.equal(HERE.isFromUs(origin, '127.0.0.1:5556'), true, String(origin));
  for (const origin of [
    'null',
    'http://evil.example',
    'http://127.0.0.1:8080',
    'http://status.example.org',
    'http://localhost:5556',
  ])
    assert.equal(HERE.isFromUs(origin, '127.0.0.1:5556'), false, origin);
  assert.equal(HERE.isFromUs('http://evil.example', 'evil.example'), false);
});

test('without a token configured nobody has it', () => {
  assert.equal(tokenJudge(null, () => 0)('Bearer null'), 'absent');
});

test('the token is compared whole, and only as a bearer', () => {
  const judge = tokenJudge('sesame', () => 0);
  assert.equal(judge('Bearer sesame'), 'right');
  assert.equal(judge('bearer sesame'), 'right');
  for (const sent of ['Bearer sesam', 'Bearer sesame2']) assert.equal(judge(sent), 'wrong');
  for (const sent of [undefined, '', 'sesame', 'Basic sesame', 'Bearer ']) assert.equal(judge(sent), 'missing');
});

test('ten wrong tokens within a minute, and not even the right one is looked at until the minute is over', () => {
  let now = 0;
  const judge = tokenJudge('sesame', () => now);
  for (let i = 0; i < 10; i++) assert.equal(judge(`Bearer ${i}`), 'wrong');
  now = 20_000;
  assert.deepEqual(judge('Bearer sesame'), { waitMs: 40_000 });
  assert.deepEqual(judge('Bearer 11'), { waitMs: 40_000 });
  now = 60_000;
  assert.equal(judge('Bearer sesame'), 'right');
});
