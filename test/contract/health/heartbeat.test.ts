import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { HeartbeatCheck } from '../../../src/config/resolved.ts';
import { beatSocket } from '../../../src/health/heartbeat/beat-socket.ts';
import { Silence } from '../../../src/health/heartbeat/silence.ts';
import { type Check, openCheck } from '../../../src/health/open-check.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import { until } from '../../support/poll.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifeguard-beat-'));
after(() => rmSync(folder, { recursive: true }));
const LIFEGUARD = fileURLToPath(new URL('../../../bin/lifeguard.js', import.meta.url));

test('a file: each change is a beat, whatever the clock says; what was there before is none', async () => {
  const file = join(folder, 'beat');
  writeFileSync(file, '');
  const check = open(heartbeat(file, { withinMs: 60_000 }));
  assert.deepEqual([await kind(check), await kind(check)], ['void', 'void']);
  utimesSync(file, 0, 0);
  assert.equal(await kind(check), 'well');
  rmSync(file);
  assert.equal(await kind(check), 'well');
  assert.equal(await kind(check, 'the next process'), 'void');
  writeFileSync(file, '');
  assert.equal(await kind(check, 'the next process'), 'well');
});

test('no beat in time is silence; one more beat ends it', async () => {
  const file = join(folder, 'silent');
  const check = open(heartbeat(file, { withinMs: 200, everyMs: 50 }));
  const answer = await until('silence', async () => silent(await check.ask(1, 'a')), { everyMs: 20 });
  assert.match(answer.detail, /^has sent no heartbeat for /);
  assert.ok(answer.silentMs >= 200);
  writeFileSync(file, '');
  assert.equal(await kind(check), 'well');
  const again = await until('silence', async () => silent(await check.ask(1, 'a')), { everyMs: 20 });
  assert.match(again.detail, /^has sent no further heartbeat for /);
});

test('beats that were missed while nobody looked do not count', () => {
  const silence = new Silence({ withinMs: 60_000, everyMs: 5_000 });
  silence.begin('a', 0);
  silence.beat();
  assert.equal(silence.look(5_000).kind, 'well');
  assert.equal(silence.look(3_600_000).kind, 'well', 'an hour of which at most 10 s count');
  for (let at = 1; at <= 9; at++) assert.equal(silence.look(3_600_000 + at * 5_000).kind, 'well');
  assert.equal(silence.look(3_600_000 + 50_000).kind, 'silent');
});

test('a file that may not be seen is told, and is no silence', async () => {
  if (process.getuid?.() === 0) {
    assert.equal((await open(heartbeat(join(folder, 'no/folder'), {})).ask(1, 'a')).kind, 'void');
    writeFileSync(join(folder, 'plain'), '');
    assert.match(JSON.stringify(await open(heartbeat(join(folder, 'plain/x'), {})).ask(1, 'a')), /misdirected.*ENOTDIR/);
    return;
  }
  mkdirSync(join(folder, 'closed'), { mode: 0 });
  const answer = await open(heartbeat(join(folder, 'closed/beat'), {})).ask(1, 'a');
  chmodSync(join(folder, 'closed'), 0o700);
  assert.match(JSON.stringify(answer), /misdirected.*EACCES/);
});

test('a byte to the socket is a beat, by a new connection or a kept one; a flood of them is one too', async () => {
  const path = join(folder, 'one', 'beat.sock');
  const check = open(heartbeat(null, { withinMs: 60_000 }), path);
  const mode = (place: string) => (statSync(place, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  await until('it to listen, for this user alone', () => mode(path) === 0o600 && mode(join(folder, 'one')) === 0o700);
  assert.equal(await kind(check), 'void');
  const kept = connect(path);
  kept.write('.');
  await until('well', async () => (await kind(check)) === 'well');
  assert.equal(await kind(check, 'b'), 'void');
  kept.write('.');
  await until('well', async () => (await kind(check, 'b')) === 'well');
  kept.write('x'.repeat(5_000_000));
  await until('well', async () => (await kind(check, 'c')) === 'well');
  check.close();
  kept.on('error', () => {}).destroy();
  await until('the socket to be gone', () => statSync(path, { throwIfNoEntry: false }) === undefined);
});

test('the socket of a lifeguard that was killed is taken over; anything else in its place is left alone and told', async () => {
  const path = join(folder, 'stale.sock');
  const first = open(heartbeat(null, {}), path);
  await until('it to listen', () => statSync(path, { throwIfNoEntry: false }));
  const second = open(heartbeat(null, {}), path);
  await until('a beat', async () => {
    connect(path)
      .on('error', () => {})
      .end('.');
    return (await kind(second)) === 'well';
  });
  for (const check of [first, second]) check.close();

  writeFileSync(join(folder, 'file.sock'), 'mine');
  const inTheWay = open(heartbeat(null, {}), join(folder, 'file.sock'));
  assert.match(JSON.stringify(await inTheWay.ask(1, 'a')), /misdirected.*something else is there/);
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o777);
  const shared = open(heartbeat(null, {}), join(folder, 'open', 'beat.sock'));
  assert.match(JSON.stringify(await shared.ask(1, 'a')), /misdirected.*others may write to/);
});

test('lifeguard beat: heard by name and by LIFEGUARD_BEAT; else it says so', async () => {
  const home = join(folder, 'home');
  const path = beatSocket(home, 'worker');
  const check = open(heartbeat(null, {}), path);
  await until('it to listen', () => statSync(path, { throwIfNoEntry: false }));
  const beat = async (args: string[], env: NodeJS.ProcessEnv) => {
    const child = spawn(process.execPath, [LIFEGUARD, 'beat', ...args], {
      env: { ...process.env, PM2_HOME: home, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [told, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return `${status} ${told}`;
  };
  assert.equal(await kind(check), 'void');
  assert.equal(await beat(['worker'], {}), '0 ');
  await until('well', async () => (await kind(check)) === 'well');
  assert.equal(await kind(check, 'b'), 'void');
  assert.equal(await beat([], { LIFEGUARD_BEAT: path }), '0 ');
  await until('well', async () => (await kind(check, 'b')) === 'well');
  assert.match(await beat(['other'], {}), /^2 Nobody hears it: .*ENOENT.*configured for other\?/s);
  assert.match(await beat([], { LIFEGUARD_BEAT: undefined }), /^64 .*LIFEGUARD_BEAT is not set.*lifeguard beat NAME/s);
  check.close();
});

test('a PM2_HOME that is too long for a socket has its sockets elsewhere', () => {
  const long = beatSocket(`/${'x'.repeat(120)}`, 'worker');
  assert.match(long, /^\/tmp\/lifeguard-\d+\/[0-9a-f]{16}\.sock$/);
  assert.notEqual(beatSocket(`/${'x'.repeat(120)}`, 'other'), long);
  assert.equal(beatSocket('/home/me/.pm2', 'worker'), '/home/me/.pm2/lifeguard/beat-worker.sock');
});

function open(check: HeartbeatCheck, beatPath = ''): Check {
  return openCheck(check, { host: thisHost(process.env), beatPath });
}

function heartbeat(file: string | null, pace: { withinMs?: number; everyMs?: number }) {
  return { kind: 'heartbeat', file, withinMs: 60_000, everyMs: 5_000, ...pace } as const;
}

async function kind(check: Check, incarnation = 'a'): Promise<string> {
  return (await check.ask(1, incarnation)).kind;
}

function silent(answer: Awaited<ReturnType<Check['ask']>>) {
  return answer.kind === 'silent' ? answer : null;
}
