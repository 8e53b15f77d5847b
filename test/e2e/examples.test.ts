// The examples that are Node, started from a fresh clone with one command each, hurt, healed and stopped.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { change } from '../support/checkout.ts';
import { answers, ask, Clone, isAlive, treeOf } from '../support/clone.ts';
import { healing } from '../support/healing.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';

/** What a backend that is broken until it is restarted looks like. */
const BREAKABLE = `
  if (request.url === '/break') notes.push({ id: -1, text: 'broken' });
  if (request.url === '/health' && notes.some(({ id }) => id < 0)) return answer(503, { status: 'broken until restarted' });
  if (request.url === '/health')`;

describe('examples/node-cluster', { timeout: 120_000 }, () => {
  const { started, stopped } = example('node-cluster', 'web', 5561);

  it('runs two workers', async () => {
    const { clone, url } = await started();
    await answers(`${url}/health`);
    assert.equal(new Set(await clone.pids('web')).size, 2);
    const seen = new Set<number>();
    await until('both to answer', async () => seen.add(JSON.parse((await ask(url))?.body ?? '{}').pid).size === 2);
  });

  it('reloads without a failed request', async (t) => {
    const { clone, url } = await started();
    const before = await clone.pids('web');
    const load = requests(url, 4);
    await clone.pm2('reload', 'web');
    const { sent, failed } = await load.end();
    t.diagnostic(`${sent} requests during the reload, ${failed.length} failed`);
    assert.deepEqual(failed, []);
    assert.ok(sent > 100);
    assert.ok(!(await clone.pids('web')).some((pid) => before.includes(pid)), 'both workers are new');
  });

  it('with one worker crashed, serves on, and has two again', async () => {
    const { clone, url } = await started();
    const [first, second] = await clone.pids('web');
    assert.ok(first && second);
    process.kill(first, 'SIGKILL');
    await until('two workers', async () => {
      assert.equal((await ask(url))?.status, 200);
      const pids = await clone.pids('web');
      return pids.length === 2 && !pids.includes(first);
    });
    assert.ok((await clone.pids('web')).includes(second));
  });

  stopped();
});

describe('examples/node-script', { timeout: 120_000 }, () => {
  const { started, stopped, heals } = example('node-script', 'notes', 5562, (folder) => {
    change(join(folder, 'server.ts'), "if (request.url === '/health')", BREAKABLE);
  });

  it('runs TypeScript as it is', async () => {
    const { url } = await started();
    await answers(`${url}/health`);
    assert.equal((await ask(`${url}/notes`, { method: 'POST', body: 'hello' }))?.status, 201);
    assert.deepEqual(JSON.parse((await ask(`${url}/notes`))?.body ?? ''), [{ id: 1, text: 'hello' }]);
  });

  heals('/health', '/break');
  stopped();
});

describe('examples/foreign: Verdaccio, which nobody here wrote', { timeout: 180_000 }, () => {
  const { started, stopped, heals } = example('foreign', 'registry', 4873, (folder) => {
    const npm = spawnSync('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder, encoding: 'utf8' });
    assert.equal(npm.status, 0, npm.stderr);
  });

  it('is up, and is itself', async () => {
    const { url } = await started();
    await answers(`${url}/-/ping`);
    assert.equal((await ask(`${url}/no-such-package`))?.status, 404);
  });

  heals('/-/ping');
  stopped();
});

/** One example's clone, started once, with what every one of them must do. */
function example(folder: string, name: string, port: number, prepare: (folder: string) => void = () => {}) {
  let clone: Clone;
  let url: string;

  before(async () => {
    clone = new Clone();
    const inClone = join(clone.dir, 'examples', folder);
    const free = await freePort();
    url = `http://127.0.0.1:${free}`;
    change(join(inClone, 'backend.yaml'), String(port), String(free));
    prepare(inClone);
    await clone.pm2('start', `examples/${folder}/ecosystem.config.ts`);
  });
  after(() => clone?.dispose());

  const started = async () => ({ clone, url });
  const worker = async () => (await clone.pids(name))[0] ?? 0;

  return {
    started,
    heals: (path: string, breaks: string | null = null) => {
      it('crashed, is back', async (t) => {
        await healing(t, 'crash', { clone, name, url: url + path, worker }, (pid) => process.kill(pid, 'SIGKILL'));
      });
      it('frozen, is replaced', async (t) => {
        await healing(t, 'freeze', { clone, name, url: url + path, worker }, (pid) => process.kill(pid, 'SIGSTOP'));
      });
      if (breaks === null) return;
      it('broken (503 until restarted), is replaced', async (t) => {
        await healing(t, '503', { clone, name, url: url + path, worker }, () => ask(url + breaks));
      });
    },
    stopped: () =>
      it('stopped, leaves no process, and stays so', async () => {
        const trees = (await clone.pids(name)).flatMap(treeOf);
        await clone.pm2('stop', `examples/${folder}/ecosystem.config.ts`);
        assert.deepEqual(trees.filter(isAlive), []);
        assert.equal(await ask(url), null);
        assert.ok(existsSync(join(clone.dir, 'examples', folder, 'logs', `${name}.log`)), 'its log is beside its backend.yaml');
      }),
  };
}

/** Clients that ask one after the other on connections that they keep, until they are ended. */
function requests(url: string, clients: number) {
  let going = true;
  const outcome = { sent: 0, failed: [] as string[] };
  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const one = (agent: Agent) =>
    new Promise<void>((resolve) => {
      outcome.sent += 1;
      const request = get(url, { agent }, (response) => {
        if (response.statusCode !== 200) outcome.failed.push(`status ${response.statusCode}`);
        response.resume().once('close', resolve);
      });
      request.once('error', (error) => {
        outcome.failed.push(String(error));
        resolve();
      });
    });
  const all = agents.map(async (agent) => {
    while (going) await one(agent);
    agent.destroy();
  });
  return {
    end: async () => {
      going = false;
      await Promise.all(all);
      return outcome;
    },
  };
}
