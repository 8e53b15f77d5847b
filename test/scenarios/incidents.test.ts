import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { readEvidence } from '../../src/incidents/evidence/read.ts';
import { until } from '../support/poll.ts';
import { Product, signal, strike, type Victim } from '../support/product.ts';

suite('lifeguard incidents, the logs around one, and the evidence that is taken before a process is touched', () => {
  const product = new Product({ VICTIM_TOKEN: 'a-secret-of-the-victim' });
  const { sandbox } = product;
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
    const log = join(sandbox.dir, 'logs/victim.log');
    appendFileSync(
      log,
      `${new Date(Date.now() - 3_600_000).toISOString()} long before\n${new Date().toISOString()} it is near\n`,
    );
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGKILL');
    await product.untilReplaced(victim, pid);
    await until('the recovery', () => product.decisions('victim').includes('recover recovered'));
  });
  after(() => product.dispose());

  test('the list, one of them from beginning to end, and what can be counted', async () => {
    const list = await sandbox.lifeguard('incidents');
    assert.equal(list.code, 0, list.stderr);
    assert.match(list.stdout, /^victim-1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+ (s|min).* crash +a restart$/m);
    const shown = await sandbox.lifeguard('incidents', 'show', 'last');
    assert.match(shown.stdout, /^victim-1: crash, .*cured by a restart$/m);
    assert.match(
      shown.stdout,
      /\+\S+ s +fail +It ended: it was killed .*\n +\+\S+ s +restart\n +\+\S+ s +recover +It is well again/,
    );
    assert.match(shown.stdout, /lifeguard logs --around victim-1/);
    const { stdout } = await sandbox.lifeguard('incidents', 'summary', '--json', '--since', '1h');
    const summary = JSON.parse(stdout);
    assert.deepEqual([summary.incidents, summary.byCause, summary.backends[0].name], [1, { crash: 1 }, 'victim']);
  });

  test('after the journal was rotated they are all there', async () => {
    await product.ask('rotate-logs');
    const { stdout } = await sandbox.lifeguard('incidents', '--json', '--backend', 'victim');
    const [incident] = JSON.parse(stdout).incidents;
    assert.deepEqual([incident.id, incident.curedBy, incident.restarts, incident.open], ['victim-1', 'restart', 1, false]);
  });

  test('logs --around shows what was written near it, from the archives, as JSON too', async () => {
    const { stdout, stderr } = await sandbox.lifeguard('logs', '--around', 'victim-1');
    assert.match(stdout, /^victim \| \S+ it is near$/m, stderr);
    assert.doesNotMatch(stdout, /long before/);
    const json = await sandbox.lifeguard('logs', '--since', '2h', '--grep', 'LONG|near', '--json', '--no-follow', 'victim');
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ app, stream, line, time }) => [app, stream, line.slice(25), time.slice(0, 4)]),
      [['victim', 'out', 'it is near', String(new Date().getFullYear())]],
    );
    const small = await sandbox.lifeguard('logs', '--since', '2h', '--grep', 'long|near', '--no-follow', 'victim');
    assert.match(small.stdout, /long before[\s\S]*it is near/);
  });

  test('logs … | head -1 ends without a word of its own', async () => {
    const bin = `'${process.execPath}' '${join(import.meta.dirname, '../../bin/lifeguard.js')}'`;
    const { stdout, stderr } = await sandbox.run('bash', ['-c', `${bin} logs victim lifeguard --lines 1000 | head -1`]);
    assert.equal(stdout.trim().split('\n').length, 1);
    assert.equal(stderr, '');
  });

  test('what is followed is shown as it is written, and Ctrl-C ends it well', async () => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../bin/lifeguard.js'), 'logs', 'victim', '--lines', '0', '--json'],
      {
        cwd: sandbox.dir,
        env: sandbox.env,
      },
    );
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const log = join(sandbox.dir, 'logs/victim.log');
    await until(
      'the first line',
      () => {
        appendFileSync(log, 'written now\n');
        return said.includes('written now');
      },
      { everyMs: 200, deadlineMs: 60_000 },
    );
    assert.equal(JSON.parse(said.split('\n')[0] ?? '').line, 'written now');
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(code, 0);
  });

  test('an incident that is not there, and a view that is not', async () => {
    const gone = await sandbox.lifeguard('incidents', 'show', 'victim-9');
    assert.equal(gone.code, 64);
    assert.match(gone.stderr, /there is no incident victim-9[\s\S]*The last ones are victim-1/);
    assert.equal((await sandbox.lifeguard('incidents', 'shwo', 'victim-1')).code, 64);
  });

  /** The folders that the journal's lines of one kind name, whole. */
  const folders = (code: string) =>
    until(`evidence of ${code}`, () => {
      const named = product.incidents('victim').filter(({ reason, evidence }) => reason.code === code && evidence !== undefined);
      const found = [...new Set(named.map(({ evidence }) => evidence ?? ''))].map((each) =>
        readEvidence(join(sandbox.dir, 'logs', each)),
      );
      return found.length > 0 && found.every((each) => each?.evidence) ? found.flatMap((each) => each ?? []) : null;
    });

  test('of a hang: the process that hung, as it was, and what it answered', async () => {
    const pid = await product.pidOf(victim);
    void strike(victim.port, '/block');
    await product.untilReplaced(victim, pid);
    const [folder] = await folders('hung');
    const processes = folder?.evidence?.processes ?? [];
    assert.equal(processes[0]?.pid, pid, 'its own process, not its successor');
    assert.ok((processes[0]?.threads ?? 0) > 1 && (processes[0]?.rssBytes ?? 0) > 1e6);
    assert.deepEqual(
      folder?.evidence?.checks.slice(-3).map(({ liveness }) => liveness),
      ['timeout', 'timeout', 'timeout'],
    );
    assert.ok((folder?.evidence?.tookMs ?? 9_999) <= 600);
    assert.equal(statSync(folder?.folder ?? '').mode & 0o777, 0o700);
  });

  test('of a 503: the whole answer', async () => {
    await product.untilState('victim', 'healthy');
    const pid = await product.pidOf(victim);
    victim.tell({ headers: { 'x-pool': 'none left' } });
    await strike(victim.port, '/sick');
    await product.untilReplaced(victim, pid);
    const [folder] = await folders('not-ready');
    assert.match(
      readFileSync(join(folder?.folder ?? '', 'answers.txt'), 'utf8'),
      /^# readiness, .*\nHTTP 503\n[\s\S]*x-pool: none left[\s\S]*"pid":/,
    );
    assert.equal(folder?.evidence?.processes[0]?.pid, pid);
  });

  test('of each crash its own, with how it ended; and the restart does not wait for it', async () => {
    await product.untilState('victim', 'healthy');
    for (let i = 0; i < 2; i++) {
      const pid = await until('it to answer', () => product.pidOf(victim));
      signal(pid, 'SIGKILL');
      await product.untilReplaced(victim, pid);
    }
    const crashes = await until('both', async () => {
      const found = await folders('crashed');
      return found.length >= 2 && found;
    });
    assert.deepEqual(new Set(crashes.map(({ evidence }) => evidence?.exit?.signal)), new Set(['SIGKILL']));
  });

  test('lifeguard incidents show tells it in short', async () => {
    const incident = product.incidents('victim').find(({ reason }) => reason.code === 'hung')?.incident;
    const { stdout } = await sandbox.lifeguard('incidents', 'show', `victim-${incident}`);
    assert.match(stdout, /^Evidence hung\n {2}checks: .*timeout\/timeout\n/m);
    assert.match(stdout, /^ {2}pid +state +cpu +memory +threads +files +sockets +command\n {2}\d+ +[RSD] /m);
    assert.match(stdout, /^ {2}in .*logs\/evidence\/victim-\d+-.*-hung\n/m);
    assert.doesNotMatch(stdout, /a-secret/);
  });
});
