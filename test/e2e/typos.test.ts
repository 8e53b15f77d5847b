// A slip in what to run: the reason is in the first lines of what one sees, and nothing is left silently restarting.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../support/port.ts';
import { processesOf, ROOT, Sandbox } from '../support/sandbox.ts';

describe('a slip in what to run', { timeout: 180_000 }, () => {
  let sandbox: Sandbox;
  let port: number;

  before(async () => {
    port = await freePort();
    sandbox = new Sandbox();
    const files = {
      'venv/bin/uvicorn': '#!/usr/bin/python3\nimport time\ntime.sleep(60)\n',
      'main.py': 'app = None\n',
      'server.mjs': "import 'a-package-that-nobody-installed';\n",
      'elsewhere.mjs': "import { createServer } from 'node:http';\ncreateServer().listen(0, '127.0.0.1');\n",
      'crash.py':
        'import sys\nsys.stderr.write("ERROR:    Error loading ASGI app. Attribute \\"ap\\" not found in module \\"main\\".\\n")\nsys.exit(1)\n',
    };

    mkdirSync(join(sandbox.dir, 'venv/bin'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(sandbox.dir, name), text, { mode: 0o755 });
  });
  after(() => sandbox.dispose());

  /** Starts a backend with this `run`, or does something else with it, and returns what is said first. */
  async function start(name: string, run: string, ...command: string[]): Promise<{ code: number | null; first: string }> {
    const file = join(sandbox.dir, `${name}.yaml`);
    writeFileSync(file, `backends:\n  - { name: ${name}, run: { ${run} }, port: ${port}, health: { readiness: null } }\n`);
    const { code, stdout, stderr } = await sandbox.run(
      process.execPath,
      [
        join(ROOT, 'bin/lifeguard.js'),
        ...(command.length > 0 ? command : ['start']),
        '--config',
        join(ROOT, 'ecosystem.config.ts'),
      ],
      { env: { ...sandbox.env, LIFEGUARD_CONFIG: file } },
    );
    return { code, first: (stdout + stderr).split('\n').slice(0, 8).join('\n') };
  }

  for (const [slip, run, said] of [
    ['no such program', 'command: uvicron main:app', /no program uvicron in .*Did you mean uvicorn\?/],
    ['no such script', 'script: serve.mjs', /no script .*serve\.mjs\. Did you mean server\.mjs\?/],
  ] as const) {
    it(`${slip}: said at once, and nothing is started`, async () => {
      const { code, first } = await start('never', run);
      assert.equal(code, 1, first);
      assert.match(first, said);
      assert.match(first, /Nothing was started/);
      assert.equal(processesOf(sandbox.pm2Home).length, 0);
      assert.ok(!existsSync(join(sandbox.dir, 'logs')));
    });
  }

  for (const [slip, run, said] of [
    ['no such module', 'command: uvicorn mian:app', /no Python module mian in /],
    ['another port', 'command: uvicorn main:app --port 1', /listens on port 1, but port is \d+/],
  ] as const) {
    it(`${slip}: a guess from the command line is a warning, and with --strict a mistake`, async () => {
      const warned = await start('guessed', run, 'validate');
      assert.equal(warned.code, 0, warned.first);
      assert.match(warned.first, /^Valid: guessed/);
      assert.match(warned.first, new RegExp(`^warning: guessed: .*${said.source}`, 'm'));
      const refused = await start('guessed', run, 'validate', '--strict');
      assert.equal(refused.code, 1, refused.first);
      assert.match(refused.first, said);
    });
  }

  for (const [slip, run, said] of [
    ['a package that is not installed', 'script: server.mjs', /it needs a-package-that-nobody-installed, which is not there/],
    ['no such attribute in the module', 'script: crash.py', /uvicorn cannot load the app: Attribute "ap" not found/],
    ['a server that listens elsewhere', 'script: elsewhere.mjs', /it listens on port \d+, not on \d+/],
  ] as const) {
    it(`${slip}: said when it shows`, async () => {
      const { code, first } = await start(run.replace(/\W+/g, '-'), run);
      assert.notEqual(code, 0);
      assert.match(first, said);
    });
  }
});
