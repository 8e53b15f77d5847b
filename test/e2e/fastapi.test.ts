// examples/fastapi on Debian's own Python packages and a real PostgreSQL, with a virtual environment and without, `--reload` off and on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import WebSocket from 'ws';
import { change } from '../support/checkout.ts';
import { answers, ask, Clone, isAlive, treeOf } from '../support/clone.ts';
import { missingPackages, PYTHON } from '../support/fastapi.ts';
import { healing } from '../support/healing.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { Postgres } from '../support/postgres.ts';

const NAME = 'mediaposter-backend';
const KILL_TIMEOUT_S = 10;

/** What a backend that is broken until it is restarted looks like. */
const BREAKABLE = `
@app.post("/break")
async def break_health():
    async def broken():
        return {"database": "healthy", "api": "unhealthy: broken until restarted"}
    globals()["services"] = broken
`;

const lacks = missingPackages();

for (const { reload, venv } of [
  { reload: false, venv: true },
  { reload: true, venv: false },
]) {
  const name = `uvicorn main:app${reload ? ' --reload' : ''}, ${venv ? 'in a venv' : 'without a venv'}`;
  describe(name, { skip: lacks ?? false, timeout: 180_000 }, () => {
    let database: Postgres;
    let clone: Clone;
    let url: string;
    const worker = async () => workerOf(await clone.pid(NAME), reload);
    const patient = () => ({ clone, name: NAME, url: `${url}/api/health`, worker });

    before(async () => {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      database = await Postgres.start();
      clone = new Clone({ DATABASE_URL: database.url });
      const example = join(clone.dir, 'examples/fastapi');
      change(join(example, 'backend.yaml'), '5555', String(port));
      if (reload) change(join(example, 'backend.yaml'), '--host', '--reload --host');
      if (venv) makeVenv(example);
      appendFileSync(join(example, 'main.py'), BREAKABLE);
      await clone.pm2('start', 'examples/fastapi/ecosystem.config.ts');
    });
    after(async () => {
      await clone?.dispose();
      await database?.dispose();
    });

    it('comes up healthy, by the Python it should run on', async () => {
      const { body } = await answers(`${url}/api/health`);
      assert.deepEqual(JSON.parse(body).services, { database: 'healthy', api: 'healthy' });
      const python = readFileSync(`/proc/${await clone.pid(NAME)}/cmdline`, 'utf8').split('\0')[0];
      if (venv) assert.match(python ?? '', /examples\/fastapi\/venv\/bin\/python/);
      assert.equal(treeOf(await clone.pid(NAME)).length, reload ? 3 : 1);
    });

    it('crashed (kill -9 of the worker), is back', async (t) => {
      await healing(t, 'crash', patient(), (pid) => process.kill(pid, 'SIGKILL'));
    });

    it('frozen (SIGSTOP of the worker), is replaced', async (t) => {
      await healing(t, 'freeze', patient(), (pid) => process.kill(pid, 'SIGSTOP'));
    });

    if (!reload) {
      // The app's own doing, the same behind a reloader.
      it('broken (503 until restarted), is replaced', async (t) => {
        await healing(t, '503', patient(), () => ask(`${url}/break`, { method: 'POST' }));
      });

      it('without its database: 503, and 200 when that is back, in the same process', async (t) => {
        const pid = await worker();
        await database.stop();
        const { body } = await answers(`${url}/api/health`, 503);
        assert.match(JSON.parse(body).services.database, /unhealthy/);
        assert.equal((await ask(url))?.status, 200, 'what needs no database goes on');
        assert.equal((await ask(`${url}/api/posts`))?.status, 503);
        await database.start();
        const since = performance.now();
        await answers(`${url}/api/health`);
        t.diagnostic(`database back: 200 after ${Math.round(performance.now() - since)} ms`);
        assert.equal(await worker(), pid);
      });
    }

    it('asked to end with a slow request and an open WebSocket: answers the one, closes the other, in time', async (t) => {
      const pid = await worker();
      const closed = openSocket(url);
      await closed.open;
      const slow = await slowRequest(database.url, `${url}/api/posts`);
      const since = performance.now();
      if (reload)
        void clone.pm2('restart', NAME); // SIGINT to all three processes
      else process.kill(pid, 'SIGTERM');
      assert.ok([1001, 1012].includes(await closed.code), 'a close code that says why');
      await slow.release();
      assert.equal((await slow.reply)?.status, 200);
      await until('the old process to end', () => !isAlive(pid));
      const seconds = (performance.now() - since) / 1_000;
      t.diagnostic(`ended ${seconds.toFixed(1)} s after the signal, of ${KILL_TIMEOUT_S} s`);
      assert.ok(seconds < KILL_TIMEOUT_S);
      await answers(`${url}/api/health`);
    });

    it('stopped, leaves no process', async () => {
      const tree = treeOf(await clone.pid(NAME));
      assert.equal(tree.length, reload ? 3 : 1);
      await clone.pm2('stop', NAME);
      assert.deepEqual(tree.filter(isAlive), []);
      assert.equal(await ask(url), null);
    });
  });
}

/** The process that answers: the app itself, or behind `--reload` the one that the reloader spawned. 0: there is none. */
function workerOf(pid: number, reload: boolean): number {
  if (!reload) return pid;
  return treeOf(pid).find((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('multiprocessing.spawn')) ?? 0;
}

/** A virtual environment that sees Debian's packages, with the console script as pip would write it. */
function makeVenv(folder: string): void {
  const made = spawnSync(PYTHON, ['-m', 'venv', '--system-site-packages', '--without-pip', join(folder, 'venv')], {
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  const script = join(folder, 'venv/bin/uvicorn');
  writeFileSync(script, readFileSync('/usr/bin/uvicorn', 'utf8').replace(/^#!.*/, `#!${join(folder, 'venv/bin/python3')}`));
  chmodSync(script, 0o755);
}

function openSocket(url: string): { open: Promise<void>; code: Promise<number> } {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const open = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { open, code: new Promise((resolve) => socket.once('close', resolve)) };
}

/** A request that waits for a table that somebody else has locked. Resolves when it waits. */
async function slowRequest(database: string, url: string) {
  const client = new pg.Client(database);
  await client.connect();
  await client.query('BEGIN; LOCK TABLE posts');
  const reply = ask(url, { timeoutMs: 15_000 });
  await until('the request to wait for the lock', async () => {
    const { rows } = await client.query('SELECT 1 FROM pg_locks WHERE NOT granted');
    return rows.length > 0;
  });
  return { reply, release: () => client.end() };
}
