import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import pg from 'pg';
import { canReach } from '../../../src/backend/embedded/account.ts';
import { complete, copyBinaries, findBinaries } from '../../../src/backend/embedded/binaries.ts';
import { choosePlace } from '../../../src/backend/embedded/place.ts';
import { Child } from '../../support/child.ts';
import { freePort } from '../../support/port.ts';
import { Postgres } from '../../support/postgres.ts';
import { ROOT } from '../../support/sandbox.ts';

const SCRIPT = 'src/backend/embedded-database.ts';
const isRoot = process.getuid?.() === 0;

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

suite('the embedded PostgreSQL', () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await Postgres.start();
    await ask(postgres.url, 'CREATE TABLE kept AS SELECT 1 AS n');
  });
  after(() => postgres.dispose());

  test('listens on 127.0.0.1 alone; its role is no superuser; the password is in a file of mode 0600 and nowhere else', async () => {
    assert.deepEqual(await ask(postgres.url, 'SHOW listen_addresses'), ['127.0.0.1']);
    assert.deepEqual(await ask(postgres.url, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'), [false]);
    assert.equal(statSync(join(postgres.dir, 'data/database-url')).mode & 0o777, 0o600);
    const { password } = new URL(postgres.url);
    assert.ok(password.length >= 20 && !postgres.child.output.includes(password));
    await assert.rejects(ask(postgres.url.replace(password, 'guess'), 'SELECT 1'), /password authentication failed/);
    await assert.rejects(
      ask(postgres.url.replace('app:', 'postgres:').replace(/app$/, 'postgres'), 'SELECT 1'),
      /no pg_hba.conf entry/,
    );
  });

  test('a second one on the same data is sent away, and the first is untouched', async () => {
    const second = new Child(SCRIPT, { cwd: postgres.dir, env: { EMBEDDED_DATABASE_PORT: String(await freePort()) } });
    assert.equal((await second.exited).code, 1);
    assert.match(second.output, new RegExp(`already runs \\(pid ${postgres.child.pid}\\)`));
    assert.deepEqual(await ask(postgres.url, 'SELECT n FROM kept'), [1]);
  });

  test('its port taken: it says so and ends', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lifeguard-postgres-'));
    chmodSync(dir, 0o755);
    const second = new Child(SCRIPT, { cwd: dir, env: { EMBEDDED_DATABASE_PORT: String(postgres.port) } });
    assert.equal((await second.exited).code, 1);
    assert.match(second.output, /error: port \d+ on 127.0.0.1 is taken \(EADDRINUSE\)/);
    rmSync(dir, { recursive: true });
  });

  test('kill -9 of the wrapper: the next one ends the server that lived on, and has its data', async () => {
    const old = postgres.postmasterPid;
    postgres.child.signal('SIGKILL');
    await postgres.child.exited;
    assert.ok(existsSync(`/proc/${old}`), 'the server lives on');
    await postgres.start();
    assert.match(postgres.child.output, new RegExp(`a server \\(pid ${old}\\) still runs`));
    assert.notEqual(postgres.postmasterPid, old);
    assert.deepEqual(await ask(postgres.url, 'SELECT n FROM kept'), [1]);
  });

  test('kill -9 of the server: the wrapper ends with exit 1, and the next one recovers, a stale pid file or not', async () => {
    process.kill(postgres.postmasterPid, 'SIGKILL');
    assert.equal((await postgres.child.exited).code, 1);
    assert.match(postgres.child.output, /error: PostgreSQL ended by itself \(signal SIGKILL\)/);
    assert.ok(existsSync(join(postgres.dir, 'data/postgres/postmaster.pid')));
    await postgres.start();
    assert.deepEqual(await ask(postgres.url, 'SELECT n FROM kept'), [1]);
  });

  test("a power cut's pid file whose pid is another process of the same user by now: it starts all the same", async () => {
    const file = join(postgres.dir, 'data/postgres/postmaster.pid');
    const left = readFileSync(file, 'utf8');
    await postgres.stop();
    const { uid, gid } = statSync(join(postgres.dir, 'data/postgres'));
    const other = spawn('sleep', ['60'], { uid, gid });
    try {
      writeFileSync(file, left.replace(/^\d+/, String(other.pid)));
      await postgres.start();
      assert.deepEqual(await ask(postgres.url, 'SELECT n FROM kept'), [1]);
      assert.equal(other.exitCode ?? other.signalCode, null, 'it was let alone');
    } finally {
      other.kill();
    }
  });

  test('its URL file lost: a new password, the same data', async () => {
    const { password } = new URL(postgres.url);
    await postgres.stop();
    assert.equal((await postgres.child.exited).code, 0);
    rmSync(join(postgres.dir, 'data/database-url'));
    await postgres.start();
    assert.notEqual(new URL(postgres.url).password, password);
    assert.deepEqual(await ask(postgres.url, 'SELECT n FROM kept'), [1]);
  });
});

suite('where the embedded PostgreSQL lives', { skip: !isRoot && 'needs root, to be another user' }, () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'lifeguard-place-'));
    chmodSync(dir, 0o755);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('as root below a folder that nobody else may pass: data and programs elsewhere, and a link where one looks for them', async () => {
    const home = join(dir, 'root');
    mkdirSync(home, { mode: 0o700 });
    const state = join(dir, 'state');
    const postgres = new Child(SCRIPT, {
      cwd: home,
      env: { EMBEDDED_DATABASE_PORT: String(await freePort()), EMBEDDED_DATABASE_STATE_DIR: state },
    });
    await postgres.says('database ready');
    const url = readFileSync(join(home, 'data/database-url'), 'utf8').trim();
    assert.deepEqual(await ask(url, 'SELECT 1'), [1]);
    assert.ok(readlinkSync(join(home, 'data/postgres')).startsWith(join(state, 'cluster-')));
    assert.notEqual(statSync(join(home, 'data/postgres')).uid, 0);
    await postgres.end();
    assert.equal(choosePlace(join(home, 'data'), state).cluster, readlinkSync(join(home, 'data/postgres')), 'found again');
  });

  test('programs whose library links npm has not made (install scripts off) are completed, or copied where they cannot be', () => {
    const folder = join(dir, 'native');
    const isLink = (path: string) => lstatSync(path).isSymbolicLink();
    cpSync(findBinaries().folder, folder, { recursive: true, filter: (path) => !isLink(path) });
    const runs = (native: string) =>
      spawnSync(join(native, 'bin/postgres'), ['--version'], { uid: 65_534, gid: 65_534, encoding: 'utf8' }).stdout.startsWith(
        'postgres',
      );
    assert.equal(runs(folder), false);
    assert.equal(runs(copyBinaries({ folder, version: 'test' }, join(dir, 'copies')).folder), true);
    assert.equal(runs(folder), false);
    assert.equal(complete(folder), true);
    assert.equal(runs(folder), true);
  });

  const nobody = { uid: 65_534, gid: 65_534 };
  const closed = [process.execPath, ROOT].find((path) => !canReach(dirname(realpathSync(path)), nobody));
  test("as an ordinary user: a data folder that is nobody else's", {
    skip: closed && `${closed} is closed to others`,
  }, async () => {
    const mine = join(dir, 'mine');
    mkdirSync(mine);
    chownSync(mine, nobody.uid, nobody.gid);
    const env = { EMBEDDED_DATABASE_PORT: String(await freePort()), TMPDIR: mine, HOME: mine };
    const postgres = new Child(SCRIPT, { cwd: mine, uid: nobody.uid, env });
    await postgres.says('database ready');
    assert.deepEqual(await ask(readFileSync(join(mine, 'data/database-url'), 'utf8').trim(), 'SELECT 1'), [1]);
    assert.equal(statSync(join(mine, 'data')).mode & 0o777, 0o700);
    await postgres.end();
  });
});
