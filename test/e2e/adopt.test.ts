// --adopt: apps that run already, started by hand or by another ecosystem file, become a project's without a restart.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BackendStatus } from '../../src/lifeguard/status.ts';
import { messageOf } from '../../src/pm2/command-line/failure.ts';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { until } from '../support/poll.ts';
import { Sandbox } from '../support/sandbox.ts';
import { incarnations, type SmallProject, smallProject } from '../support/small-project.ts';

const sandbox = new Sandbox();
const APPS = ['api', 'workers', 'python'];
const PYTHON = `import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200); self.send_header('content-length', '2'); self.end_headers(); self.wfile.write(b'ok')
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
`;

let mine: SmallProject;

before(async () => {
  mine = await smallProject(sandbox, 'mine', APPS);
  writeFileSync(join(mine.dir, 'serve.py'), PYTHON);
  const port = (name: string) => String(mine.ports[name]);
  const veteran = [
    { name: 'api', script: './server.cjs', env: { PORT: port('api'), COLOUR: 'red' } },
    { name: 'workers', script: 'server.cjs', exec_mode: 'cluster', instances: 2, env: { PORT: port('workers') } },
    { name: 'python', script: 'serve.py', interpreter: '/usr/bin/python3', args: ['--flag'], env: { PORT: port('python') } },
  ];
  writeFileSync(join(mine.dir, 'ecosystem.config.cjs'), `module.exports = { apps: ${JSON.stringify(veteran)} };\n`);
  assert.equal((await mine.pm2('start', 'ecosystem.config.cjs')).code, 0);
  for (const name of APPS)
    await until(`an answer of ${name}`, () => fetch(`http://127.0.0.1:${port(name)}/`).then(({ ok }) => ok));
  declareAsItRuns();
});
after(() => sandbox.dispose());

/** The same, in our words. */
function declareAsItRuns(more: object = {}): void {
  mine.configure({
    api: { run: { script: 'server.cjs', env: { COLOUR: 'red' } }, ...more },
    workers: { run: { script: 'server.cjs', instances: 2 } },
    python: { run: { command: '/usr/bin/python3 serve.py --flag' } },
  });
}

/** Asks all three, again and again, `atLeast` times and until it is told to end. */
function asking(atLeast: number): { end(): Promise<{ asked: number; failed: number }> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 12 });
  const ports = Object.values(mine.ports);
  let over = false;
  let asked = 0;
  let failed = 0;
  const one = (port: number | undefined) =>
    new Promise<void>((resolve) => {
      const fail = () => {
        failed += 1;
        resolve();
      };
      get({ host: '127.0.0.1', port, agent, timeout: 20_000 }, (response) => {
        if (response.statusCode !== 200) failed += 1;
        response.resume().once('end', resolve).once('error', fail);
      }).once('error', fail);
    });
  const askers = Array.from({ length: 6 }, async () => {
    while (!over || asked < atLeast) await one(ports[asked++ % ports.length]);
  });
  return {
    async end() {
      over = true;
      await Promise.all(askers);
      agent.destroy();
      return { asked, failed };
    },
  };
}

async function statusOf(name: string): Promise<BackendStatus | undefined> {
  const { backends } = await trigger(sandbox.pm2Home, 'lifeguard', 'status', '', 6_000).catch(() => ({ backends: [] }));
  return (backends as BackendStatus[]).find((backend) => backend.name === name);
}

const healthy = (name: string) => until(`${name} healthy`, async () => (await statusOf(name))?.policy.state === 'healthy');

test('without --adopt what somebody else has started is refused, and the way out is named', async () => {
  const was = await incarnations(sandbox);
  const { code, stderr } = await mine.lifeguard('start');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /api: there is an app of this name in this PM2, which somebody started by hand\n.*workers: .*\n.*python: /,
  );
  assert.match(stderr, /add --adopt/);
  assert.deepEqual(await incarnations(sandbox), was);
});

test("an existing user's three apps, fork, cluster of two and Python: taken over without a restart and without a failed request", async (t) => {
  const was = await incarnations(sandbox);
  const load = asking(5_000);
  const { code, stdout, stderr } = await mine.lifeguard('start', '--adopt');
  const { asked, failed } = await load.end();
  t.diagnostic(`${asked} requests, ${failed} failed`);
  assert.equal(code, 0, stdout + stderr);
  assert.match(
    stderr,
    /^api: taken over as it runs; lifeguard restart api applies kill_timeout, restart delay, pmx, log files, LIFEGUARD_APP$/m,
  );
  assert.equal(failed, 0);
  const { lifeguard, ...is } = await incarnations(sandbox);
  assert.deepEqual(is, was);
  assert.equal(lifeguard?.length, 1);
  for (const name of APPS) await healthy(name);
});

test('status says what is not applied yet; a start changes nothing; a crash of it is healed and counted', async () => {
  assert.deepEqual(await mine.start(), ['nothing changed for api, workers, python, lifeguard: left running']);
  const { code, stdout } = await mine.lifeguard('status');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^python: taken over as it runs; lifeguard restart python applies .*restart delay/m);
  const [api] = (await incarnations(sandbox)).api ?? [];
  process.kill(Number(api?.split('@')[0]), 'SIGKILL');
  await until('the crash in the journal', () => /"api"/.test(readFileSync(join(mine.dir, 'logs/incidents.jsonl'), 'utf8')));
  await healthy('api');
  assert.equal((await statusOf('api'))?.policy.restarts, 1);
});

test('it is still ours after a boot; lifeguard restart makes it as it is declared, and the rest is as before', async () => {
  assert.equal((await sandbox.pm2('save')).code, 0);
  await sandbox.pm2('kill');
  await sandbox.pm2('resurrect');
  for (const name of APPS) await healthy(name);
  const was = await incarnations(sandbox);
  await mine.restart({ only: ['api'] });
  const is = await incarnations(sandbox);
  assert.notDeepEqual(is.api, was.api);
  assert.deepEqual({ ...is, api: null }, { ...was, api: null });
  const { stdout } = await mine.lifeguard('status');
  assert.doesNotMatch(stdout, /^api: taken over/m);
  assert.match(stdout, /^workers: taken over/m);
  assert.ok(existsSync(join(mine.dir, 'logs/api.log')));
});

test('what runs otherwise than declared is restarted only when that is wanted; till then nothing is touched', async () => {
  const other = await smallProject(sandbox, 'other', ['loner']);
  other.configure(
    { loner: { run: { script: 'server.cjs', args: ['--new'], env: { COLOUR: 'blue' } } } },
    { lifeguard: { name: 'lifeguard-other' } },
  );
  writeFileSync(
    join(other.dir, 'ecosystem.config.cjs'),
    `module.exports = { apps: [${JSON.stringify({ name: 'loner', script: 'server.cjs', env: { PORT: String(other.ports.loner), COLOUR: 'red', EXTRA: 'x' } })}] };\n`,
  );
  await other.pm2('start', 'ecosystem.config.cjs');
  const was = await incarnations(sandbox);
  const refused = await other.start({ adopt: { confirm: null } }).then(
    () => assert.fail('it was not refused'),
    (error: unknown) => messageOf(error),
  );
  assert.match(
    refused,
    /^loner: does not run as it is declared \(command, env\.COLOUR, env\.EXTRA\)\nTo take it over is to restart loner\. Nothing was/,
  );
  assert.match(refused, /--yes/);
  const questions: string[] = [];
  const no = async (question: string) => questions.push(question) < 0;
  await assert.rejects(other.start({ adopt: { confirm: no } }), { code: 'would-restart' });
  assert.equal(questions.length, 1);
  assert.deepEqual(await incarnations(sandbox), was);
  const told = await other.start({ adopt: { confirm: async () => true } });
  assert.deepEqual(told.slice(0, 2), ['loner: taken over, by a restart', 'loner: started']);
  const { loner, 'lifeguard-other': _, ...rest } = await incarnations(sandbox);
  const { loner: before, ...others } = was;
  assert.notDeepEqual(loner, before);
  assert.deepEqual(rest, others);
});

test("another file's app: that file's lifeguard lets go of it, and two never drive one", async () => {
  const heir = await smallProject(sandbox, 'heir', ['workers']);
  const run = { script: join(mine.dir, 'server.cjs'), cwd: mine.dir, instances: 2 };
  const port = mine.ports.workers;
  heir.configure({ workers: { port, run } }, { lifeguard: { name: 'lifeguard-heir' } });
  await assert.rejects(heir.start(), { code: 'clash', message: new RegExp(`workers: .* of ${mine.file}`) });
  const was = await incarnations(sandbox, 'workers', 'api', 'lifeguard');
  await heir.start({ adopt: { confirm: null } });
  assert.deepEqual(await incarnations(sandbox, 'workers', 'api', 'lifeguard'), was);
  const { stdout } = await mine.lifeguard('status');
  assert.match(stdout, new RegExp(`^workers: there is an app of this name in this PM2, of ${heir.file}$`, 'm'));
  // With its next look at PM2's list.
  await until('the first lifeguard to let go', async () => (await statusOf('workers'))?.processes.length === 0, {
    deadlineMs: 60_000,
  });
  const lines = () =>
    existsSync(join(mine.dir, 'logs/incidents.jsonl'))
      ? readFileSync(join(mine.dir, 'logs/incidents.jsonl'), 'utf8').match(/"workers"/g)?.length
      : 0;
  const before = lines();
  process.kill(Number(was.workers?.[0]?.split('@')[0]), 'SIGKILL');
  await until('its line in the new journal', () =>
    readFileSync(join(heir.dir, 'logs/incidents.jsonl'), 'utf8').includes('"workers"'),
  );
  assert.equal(lines(), before);
});
