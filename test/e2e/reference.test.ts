import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Figures } from '../../src/drill/report/figures.ts';
import { daemonPid } from '../../src/host/orphans/marker.ts';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { isAlive } from '../support/clone.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { Postgres } from '../support/postgres.ts';
import { get, signal } from '../support/product.ts';
import { processesOf, ROOT, Sandbox } from '../support/sandbox.ts';
import { incarnations } from '../support/small-project.ts';

const NAME = 'mediaposter-backend';

suite('the reference backend with its embedded PostgreSQL, under PM2 and watched', () => {
  let sandbox: Sandbox;
  let port: number;

  before(async () => {
    port = await freePort();
    sandbox = new Sandbox({
      EMBEDDED_DATABASE_PORT: String(await freePort()),
      DATABASE_URL: '',
      EMBEDDED_DATABASE_STATE_DIR: '',
    });
    writeFileSync(
      join(sandbox.dir, 'ecosystem.config.ts'),
      `import { defineEcosystem } from '${join(ROOT, 'src/index.ts')}';
export const { apps } = defineEcosystem(import.meta.url, {
  backends: [{
    name: '${NAME}', port: ${port}, run: { script: '${join(ROOT, 'src/backend/main.ts')}' },
    logs: { files: ['logs/app.log'] },
    depends_on: [{ name: 'database', check: 'postgres+file:data/database-url', field: 'services.database' }],
  }],
  dashboard: null,
});\n`,
    );
    const started = await sandbox.lifeguard('start');
    assert.equal(started.code, 0, started.stdout + started.stderr);
  });
  after(async () => {
    const stopped = await sandbox.lifeguard('stop');
    const left = processesOf(sandbox.pm2Home);
    await sandbox.dispose();
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.deepEqual(left, [], 'lifeguard stop leaves nothing running');
  });

  async function pid(): Promise<number> {
    return (await sandbox.list()).find(({ name }) => name === NAME)?.pid ?? 0;
  }

  async function health(): Promise<{ status: number; services: Record<string, string> }> {
    const { status, text } = await get(port, '/health');
    return { status, services: (JSON.parse(text) as { services: Record<string, string> }).services };
  }

  test('both health endpoints answer 200 and name the services; all three apps are online', async () => {
    assert.deepEqual(await health(), { status: 200, services: { database: 'healthy', api: 'healthy' } });
    assert.equal((await get(port, '/api/health')).status, 200);
    const apps = (await sandbox.list()).map(({ name, pm2_env }) => `${name} ${pm2_env.status}`).sort();
    assert.deepEqual(apps, ['database online', 'lifeguard online', `${NAME} online`]);
  });

  test('drill dependency-down: its database does not answer for a while, it is held, and all is as it was', async () => {
    const before = await incarnations(sandbox);
    const { code, stdout, stderr } = await sandbox.lifeguard('drill', 'dependency-down', '--yes', '--json');
    assert.equal(code, 0, stderr);
    const [figures] = (JSON.parse(stdout) as { figures: Figures[] }).figures;
    assert.deepEqual([figures?.restarts, figures?.asBefore], [0, true]);
    assert.match(stderr, /database is stopped \(\d+ processes\)\n.*hold: .*database is down: a restart can't help/);
    assert.ok((figures?.healthyMs ?? 0) >= (figures?.liftedMs ?? 0) - 100, stdout);
    assert.deepEqual(await incarnations(sandbox), before);
    assert.equal((await health()).status, 200);
  });

  test('its own app.log is rotated with the others, and goes on', async () => {
    const logs = join(sandbox.dir, 'logs');
    await until('app.log', () => statSync(join(logs, 'app.log')).size > 0);
    const { ok, failed } = await trigger(sandbox.pm2Home, 'lifeguard', 'rotate-logs', '', 6_000);
    assert.deepEqual({ ok, failed }, { ok: true, failed: [] });
    await until('its archive', () => readdirSync(logs).some((name) => /^app-.*\.log\.gz$/.test(name)));
    await get(port, '/nowhere');
    await until('another line in app.log', () => statSync(join(logs, 'app.log')).size > 0);
  });

  test('killed: it answers again', async (t) => {
    const old = await pid();
    const start = performance.now();
    signal(old, 'SIGKILL');
    await until('200 of a new process', async () => (await get(port, '/health')).status === 200);
    t.diagnostic(`200 again after ${Math.round(performance.now() - start)} ms`);
    assert.notEqual(await pid(), old);
  });

  test('its database stopped: 503 says so, the process stays, other requests are served; started: 200 by the same process', async (t) => {
    const same = await pid();
    await sandbox.pm2('stop', 'database');
    const down = performance.now();
    const sick = await until('503', async () => {
      const answer = await health();
      return answer.status === 503 && answer;
    });
    t.diagnostic(`503 after ${Math.round(performance.now() - down)} ms`);
    assert.equal(sick.services.database, 'unhealthy');
    assert.equal((await get(port, '/')).status, 200);
    assert.equal((await get(port, '/api/posts')).status, 503);
    await sleep(2_000);
    assert.equal(await pid(), same);
    const { stdout } = await sandbox.lifeguard('status');
    assert.match(stdout, /degraded/);

    await sandbox.pm2('restart', 'database');
    const up = performance.now();
    await until('200', async () => (await health()).status === 200);
    t.diagnostic(`200 after ${Math.round(performance.now() - up)} ms`);
    assert.equal(await pid(), same);
  });

  test('100 writers through a restart of the backend and a cut of the database: every acknowledged write is there', async (t) => {
    const acknowledged: number[] = [];
    let over = false;
    const writers = Array.from({ length: 100 }, async (_, writer) => {
      for (let n = 0; !over; n++) {
        const id = await write(port, `writer ${writer} line ${n}`);
        if (id !== null) acknowledged.push(id);
        await sleep(50);
      }
    });
    await sleep(500);
    await sandbox.lifeguard('restart');
    await sandbox.pm2('restart', 'database');
    await until('200', async () => (await health()).status === 200);
    await sleep(500);
    over = true;
    await Promise.all(writers);
    const ids = await allIds(port);
    t.diagnostic(`${acknowledged.length} acknowledged writes`);
    assert.ok(acknowledged.length > 100);
    assert.deepEqual(
      acknowledged.filter((id) => !ids.has(id)),
      [],
    );
  });

  test('a graceful restart is short, and closes an open WebSocket with 1001', async (t) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    const away = watchAbsence(port);
    await sandbox.lifeguard('restart');
    assert.equal(await closed, 1001);
    t.diagnostic(`away for ${await away.end()} ms`);
  });

  test("PM2's daemon killed: the next start ends what it lost, the database among it, and all is well again", async () => {
    const daemon = daemonPid(sandbox.pm2Home) ?? 0;
    signal(daemon, 'SIGKILL');
    await until('the daemon to be gone', () => !isAlive(daemon));
    const { code, stdout, stderr } = await sandbox.lifeguard('start');
    assert.match(stderr, /^database: a process of it that PM2 had lost was ended/m);
    assert.equal(code, 0, stdout + stderr);
    assert.equal((await health()).status, 200);
    assert.equal(processesOf(sandbox.pm2Home).filter(({ command }) => /embedded-database/.test(command)).length, 1);
  });

  test('DATABASE_URL set: the backend is moved there before the database that it used goes', async () => {
    const elsewhere = await Postgres.start();
    try {
      const env = { ...sandbox.env, DATABASE_URL: elsewhere.url };
      const { stderr } = await sandbox.run(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'start'], { env });
      assert.match(
        stderr,
        /backend: restarted with changes \(inherited\.DATABASE_URL\)\n(.*\n)*database: deleted \(no longer declared\)/,
      );
      assert.deepEqual(await health(), { status: 200, services: { database: 'healthy', api: 'healthy' } });
      const back = await sandbox.lifeguard('start');
      assert.match(back.stderr, /^database: started\n(.*\n)*.*backend: restarted with changes \(inherited\.DATABASE_URL\)/m);
      assert.equal(back.code, 0, back.stdout);
    } finally {
      await elsewhere.dispose();
    }
  });
});

async function write(port: number, content: string): Promise<number | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/posts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: content, body: content }),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status !== 201) return null;
    return ((await response.json()) as { id: number }).id;
  } catch {
    return null;
  }
}

async function allIds(port: number): Promise<Set<number>> {
  const ids = new Set<number>();
  for (let offset = 0; ; offset += 100) {
    const { text } = await get(port, `/api/posts?limit=100&offset=${offset}`);
    const { items } = JSON.parse(text) as { items: { id: number }[] };
    for (const { id } of items) ids.add(id);
    if (items.length < 100) return ids;
  }
}

/** Asks every 20 ms; the longest time between two answers. */
function watchAbsence(port: number): { end(): Promise<number> } {
  let over = false;
  let longest = 0;
  let last = performance.now();
  const watching = (async () => {
    while (!over) {
      if (await get(port, '/').catch(() => null)) {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
      await sleep(20);
    }
  })();
  return {
    async end() {
      over = true;
      await watching;
      return Math.round(longest);
    },
  };
}
