import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CommandCheck } from '../../../src/config/resolved.ts';
import { type Check, openCheck } from '../../../src/health/open-check.ts';
import { openRound } from '../../../src/health/round.ts';
import { thisHost } from '../../../src/host/this-host.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';

const host = thisHost(process.env);
const PLACE = { host, beatPath: '' };
const folder = mkdtempSync(join(tmpdir(), 'lifeguard-command-'));
after(() => rmSync(folder, { recursive: true }));

test('0 is well; any other status is sick, with what it printed last; so is a signal', async () => {
  assert.equal((await run('echo pong')).kind, 'well');
  const sick = await run('echo one; echo "Error: No nodes replied" >&2; exit 69');
  assert.equal(sick.kind, 'sick');
  assert.equal(sick.detail, 'fails its check command: exit status 69: Error: No nodes replied');
  assert.deepEqual(sick.evidence.trim().split('\n').sort(), ['Error: No nodes replied', 'one']);
  assert.match(JSON.stringify(await run('kill -SEGV $$')), /fails its check command: SIGSEGV/);
});

test('126, 127, no such program, no right to run it, an env_file that is not there: the check is broken, not the backend', async () => {
  writeFileSync(join(folder, 'plain.txt'), 'text', { mode: 0o644 });
  const broken: Partial<CommandCheck>[] = [
    { args: ['-c', 'exit 126'] },
    { args: ['-c', 'no-such-program-here'] },
    { program: 'no-such-program-here' },
    { program: join(folder, 'plain.txt') },
    { cwd: join(folder, 'nowhere') },
    { envFile: join(folder, 'no.env') },
  ];
  const answers = await Promise.all(broken.map((check) => once(check)));
  assert.deepEqual(
    answers.map(({ kind }) => kind),
    broken.map(() => 'misdirected'),
  );
  assert.match(JSON.stringify(answers[1]), /is a command that cannot be run: exit status 127: .*not found/);
  assert.match(JSON.stringify(answers[2]), /there is no program no-such-program-here/);
  assert.match(JSON.stringify(answers[5]), /no\.env/);
});

test('no shell reads it; it runs in its folder, with the variables of the backend, its virtual environment first', async () => {
  mkdirSync(join(folder, 'venv/bin'), { recursive: true });
  writeFileSync(join(folder, 'venv/bin/my-check'), '#!/bin/sh\npwd\necho "$1 $A $B $PORT $LIFEGUARD_APP"\nexit 1\n', {
    mode: 0o755,
  });
  writeFileSync(join(folder, 'my.env'), 'A=file\nB=file\n');
  const answer = await once({
    program: 'my-check',
    args: ['$(id)'],
    env: { B: 'own', PORT: '5555' },
    envFile: join(folder, 'my.env'),
  });
  assert.equal(answer.kind === 'sick' && answer.evidence, `${folder}\n$(id) file own 5555 \n`);
});

test('one that hangs is sick at its deadline, and its whole tree is gone, a child in a session of its own too', async () => {
  const script = `setsid sleep 1000 & echo $! >${folder}/child; sleep 1000 & echo $! >>${folder}/child; wait`;
  const check = command({ args: ['-c', script], timeoutMs: 400 });
  const opened = openCheck(check, PLACE);
  const answer = await heard(opened);
  assert.equal(answer.kind === 'sick' && answer.detail, 'has a check command that did not end within 400ms');
  const children = readFileSync(join(folder, 'child'), 'utf8').trim().split('\n').map(Number);
  assert.equal(children.length, 2);
  await until('the tree to be gone', () => areGone(children));
});

test('what it leaves behind in the background is ended with it, and is not waited for', async () => {
  const began = performance.now();
  assert.equal((await run(`sleep 1000 & echo $! >${folder}/left; exit 0`)).kind, 'well');
  assert.ok(performance.now() - began < 5_000);
  const left = Number(readFileSync(join(folder, 'left'), 'utf8'));
  await until('it to be gone', () => areGone([left]));
});

test('one that prints 100 MB may end as it likes, and of it 4 KiB are kept at most', async () => {
  const before = process.memoryUsage().rss;
  const sick = await run('head -c 100000000 /dev/zero | tr "\\0" x; printf "\\033[31mthe end\\n"; exit 1', { timeoutMs: 30_000 });
  assert.equal(sick.kind === 'sick' && sick.evidence.length <= 4096 && sick.evidence.endsWith('[31mthe end\n'), true);
  assert.ok(process.memoryUsage().rss - before < 64e6, 'memory is bounded');
});

test('one that prints for ever ends at its deadline, and takes little of our processor', async (t) => {
  const before = process.cpuUsage();
  const began = performance.now();
  const answer = await run('exec yes', { timeoutMs: 1_500 });
  const { user, system } = process.cpuUsage(before);
  assert.equal(answer.kind, 'sick');
  const share = (user + system) / 1000 / (performance.now() - began);
  t.diagnostic(`${Math.round(share * 100)} % of a core`);
  assert.ok(share < 0.5, `${Math.round(share * 100)} % of a core`);
});

test('never two at a time, however often it is asked for; a bad result is told once, a good one stands', async () => {
  const log = join(folder, 'runs');
  writeFileSync(log, '');
  const script = `mkdir ${folder}/busy || echo TWO >>${log}; echo run >>${log}; sleep 0.2; rmdir ${folder}/busy; test -e ${folder}/well`;
  const check = openCheck(command({ args: ['-c', script], everyMs: 400 }), PLACE);
  const asks = () => Promise.all(Array.from({ length: 5 }, () => check.ask(2_000, 'a')));
  const first = await asks();
  assert.deepEqual(first.map(({ kind }) => kind).sort(), ['sick', 'void', 'void', 'void', 'void']);
  assert.equal((await check.ask(0, 'a')).kind, 'void');
  writeFileSync(join(folder, 'well'), '');
  await until('well again', async () => (await check.ask(2_000, 'a')).kind === 'well');
  const again = await asks();
  assert.ok(again.every(({ kind }) => kind === 'well'));
  rmSync(join(folder, 'well'));
  await until('sick once more', async () => (await check.ask(0, 'a')).kind === 'sick', { everyMs: 5 });
  const runs = readFileSync(log, 'utf8').trim().split('\n');
  assert.ok(runs.length >= 3 && runs.every((line) => line === 'run'), runs.join());
});

test('what was seen of one process does not speak for the next', async () => {
  const check = openCheck(command({ args: ['-c', `test -e ${folder}/up`], everyMs: 60_000 }), PLACE);
  writeFileSync(join(folder, 'up'), '');
  assert.equal((await check.ask(2_000, 'a')).kind, 'well');
  rmSync(join(folder, 'up'));
  assert.equal((await check.ask(2_000, 'a')).kind, 'well');
  assert.equal((await check.ask(2_000, 'b')).kind, 'sick');
});

test('a slow command as readiness does not hold up the liveness beside it', async () => {
  const liveness = { kind: 'tcp', url: `tcp://127.0.0.1:${await freePort()}` } as const;
  const round = openRound({ liveness, readiness: command({ args: ['-c', 'sleep 0.5; exit 3'], timeoutMs: 5_000 }) }, PLACE);
  const began = performance.now();
  const first = await round.ask(5_000, 'a');
  assert.ok(performance.now() - began < 450);
  assert.deepEqual([first.liveness.kind, first.readiness?.kind], ['refused', 'void']);
  await until('its result', async () => (await round.ask(5_000, 'a')).readiness?.kind === 'sick');
});

/** With LIFEGUARD_LONG=1 an hour's worth of five checks every 5 s, as fast as it goes. */
const ROUNDS = process.env.LIFEGUARD_LONG === '1' ? 180 : 10;

test(`${20 * ROUNDS} runs and as many heartbeats leave no zombie, no process and no descriptor`, async (t) => {
  const children = async () => [...(await host.processes()).values()].filter(({ ppid }) => ppid === process.pid).length;
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const before = [await children(), descriptors()];
  const beatPath = join(folder, 'beats', 'beat.sock');
  const heartbeat = openCheck({ kind: 'heartbeat', file: null, withinMs: 60_000, everyMs: 5_000 }, { host, beatPath });
  await until('it to listen', () => existsSync(beatPath));
  const scripts = ['exit 0', 'exit 1', 'sleep 1000', 'sleep 1000 & exit 0'];
  const began = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    const checks = scripts.flatMap((script) =>
      [1, 2, 3, 4, 5].map(() => openCheck(command({ args: ['-c', script], timeoutMs: 150 }), PLACE)),
    );
    for (let i = 0; i < checks.length; i++) beat(beatPath);
    await Promise.all(checks.map((check) => check.ask(30_000, 'a')));
  }
  t.diagnostic(`${Math.round((performance.now() - began) / 1_000)} s`);
  heartbeat.close();
  await until('all to be gone', async () => (await children()) === before[0] && descriptors() <= (before[1] ?? 0));
});

test('closed, the command that is under way is ended', async () => {
  const check = openCheck(command({ args: ['-c', `echo $$ >${folder}/pid; exec sleep 1000`], timeoutMs: 60_000 }), PLACE);
  void check.ask(0, 'a');
  const pid = await until('it to run', () => Number(readFileSync(join(folder, 'pid'), 'utf8')) || null);
  check.close();
  await until('it to be gone', () => areGone([pid]));
});

function beat(path: string): void {
  const socket = connect(path, () => socket.end('.'))
    .on('error', () => {})
    .resume();
}

async function areGone(pids: readonly number[]): Promise<boolean> {
  return [...(await host.rowsOf(pids)).values()].every(({ state }) => state === 'Z');
}

function command(rest: Partial<CommandCheck>): CommandCheck {
  return {
    ...{ kind: 'command', program: 'sh', args: [], cwd: folder, env: {}, envFile: null, timeoutMs: 10_000, everyMs: 30_000 },
    ...rest,
  };
}

function run(script: string, rest: Partial<CommandCheck> = {}): Promise<Answer> {
  return once({ args: ['-c', script], ...rest });
}

function once(rest: Partial<CommandCheck>): Promise<Answer> {
  return heard(openCheck(command(rest), PLACE));
}

/** Its answer; where this machine was so busy that the test's own event loop was late, that of another run. */
function heard(check: Check): Promise<Answer> {
  return until('an answer', async () => {
    const answer = await check.ask(30_000, 'a');
    return answer.kind === 'void' ? null : answer;
  });
}
