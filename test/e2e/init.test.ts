import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { PYTHON } from '../support/fastapi.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { get } from '../support/product.ts';
import { type Output, ROOT, Sandbox } from '../support/sandbox.ts';

/** A little real project, by its files. @@ stands for a free port. */
interface Fixture {
  readonly files: Readonly<Record<string, string>>;
  /** What init says that it is. */
  readonly found: RegExp;
  /** What is to stand in backend.yaml. */
  readonly yaml: readonly RegExp[];
  /** What answers 200 in the end; null: it does not listen. */
  readonly path: string;
  readonly python?: readonly string[];
  /** What it says that it did not understand. */
  readonly notes?: readonly RegExp[];
}

const NODE_SERVER = `const server = require('node:http').createServer((request, response) => response.end(request.url));
const app = { get() {} }; app.get('/healthz', () => {});
server.listen(process.env.PORT || @@, '127.0.0.1');
process.on('SIGINT', () => server.close(() => process.exit(0)));
`;

const FIXTURES: Readonly<Record<string, Fixture>> = {
  'a FastAPI app in one file': {
    files: {
      'requirements.txt': 'fastapi\nuvicorn\n',
      '.env': 'PORT=@@\n',
      'main.py':
        "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/health')\ndef health(): return {'ok': True}\n@app.get('/api/health')\ndef ready(): return {'ok': True}\n",
    },
    found: /a FastAPI app \(main\.py\)/,
    yaml: [/command: uvicorn main:app --host 127\.0\.0\.1 --port @@/, /liveness: \/health$/m, /readiness: \/api\/health$/m],
    path: '/health',
    python: ['fastapi', 'uvicorn'],
  },
  'a FastAPI app in src, with a router': {
    files: {
      'pyproject.toml': '[project]\nname = "shop"\n',
      '.env': 'PORT=@@\n',
      'src/shop/__init__.py': '',
      'src/shop/api.py':
        "from fastapi import APIRouter\nrouter = APIRouter(prefix='/v1')\n@router.get('/items')\ndef items(): return []\n",
      'src/shop/main.py':
        "from fastapi import FastAPI\nfrom shop import api\napp = FastAPI(title='shop')\napp.include_router(api.router)\n@app.get('/healthz')\ndef health(): return 'ok'\n",
    },
    found: /a FastAPI app \(src\/shop\/main\.py\)/,
    yaml: [/uvicorn shop\.main:app --app-dir src /, /liveness: \/healthz$/m, /readiness: null/],
    path: '/healthz',
    python: ['fastapi', 'uvicorn'],
  },
  'a Flask app': {
    files: {
      '.env': 'PORT=@@\n',
      'app.py': "from flask import Flask\napp = Flask(__name__)\n@app.route('/health')\ndef health(): return 'ok'\n",
    },
    found: /a Flask app \(app\.py\)/,
    yaml: [/command: gunicorn '?app:app'? --bind 127\.0\.0\.1:@@/, /liveness: \/health$/m],
    path: '/health',
    python: ['flask', 'gunicorn'],
  },
  'a Django project': {
    files: {
      '.env': 'PORT=@@\n',
      'manage.py':
        "import os, sys\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_of.settings')\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n",
      'site_of/__init__.py': '',
      'site_of/settings.py':
        "SECRET_KEY = 'x' * 50\nDEBUG = False\nALLOWED_HOSTS = ['127.0.0.1']\nROOT_URLCONF = 'site_of.urls'\n",
      'site_of/urls.py':
        "from django.http import HttpResponse\nfrom django.urls import path\nurlpatterns = [path('healthz', lambda request: HttpResponse('ok'))]\n",
      'site_of/wsgi.py':
        "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_of.settings')\napplication = get_wsgi_application()\n",
    },
    found: /a Django project/,
    yaml: [/gunicorn site_of\.wsgi:application --bind 127\.0\.0\.1:@@/, /liveness: \/healthz$/m],
    path: '/healthz',
    python: ['django', 'gunicorn'],
  },
  'a Node project with a start script, CommonJS': {
    files: {
      'package.json':
        '{ "name": "@me/shop", "type": "commonjs", "scripts": { "start": "NODE_ENV=production node server.js --quiet" }, "dependencies": { "express": "*" } }',
      'server.js': NODE_SERVER,
    },
    found: /a Node project \(express\): its start script/,
    yaml: [/- name: shop$/m, /script: server\.js/, /- --quiet/, /NODE_ENV: production/, /port: @@/, /liveness: \/healthz$/m],
    path: '/healthz',
  },
  'a Node project without a start script or a health route, an ES module': {
    files: {
      'package.json': '{ "name": "plain", "type": "module", "main": "lib/index.js" }',
      'lib/index.js':
        "import { createServer } from 'node:http';\nconst port = @@;\ncreateServer((_, response) => response.end('hi')).listen(port, '127.0.0.1');\n",
    },
    found: /a Node project: lib\/index\.js/,
    yaml: [/script: lib\/index\.js/, /liveness: tcp:\/\/127\.0\.0\.1:@@/, /# No health route was found/],
    path: '/',
  },
  'a Procfile': {
    files: {
      Procfile: 'web: node web.cjs --port $PORT\nworker: node worker.cjs\nrelease: node migrate.cjs\n',
      '.env': 'PORT=@@\nCOLOUR=gold\n',
      'web.cjs': NODE_SERVER,
      'worker.cjs': 'setInterval(() => {}, 1000);\n',
    },
    found: /a Procfile: web, worker, release/,
    yaml: [/script: web\.cjs/, /env_file: \.env/, /liveness: \/healthz$/m, /-worker$/m, /liveness: null/],
    path: '/healthz',
  },
  "PM2's own ecosystem.config.js": {
    files: {
      'package.json': '{ "name": "old", "type": "commonjs" }',
      'ecosystem.config.js':
        "module.exports = { apps: [{ name: 'old-api', script: './server.js', instances: 2, exec_mode: 'cluster', max_memory_restart: '300M', watch: true, env: { PORT: @@, COLOUR: 'red' } }] };",
      'server.js': NODE_SERVER,
    },
    found: /ecosystem\.config\.js: old-api on port @@/,
    yaml: [/- name: old-api$/m, /instances: 2/, /COLOUR: red/, /max_memory: 300M/, /port: @@/],
    path: '/healthz',
  },
  'a supervisord.conf': {
    files: {
      'supervisord.conf': `[supervisord]
nodaemon=true
[program:shop]
command=/usr/bin/env node web.cjs --port @@ ; the web server
directory=%(here)s/web
environment=COLOUR="red, or blue",LEVEL=info
autostart=true
autorestart=true
stdout_logfile=/var/log/shop.log
user=shop
[program:mailer]
command=node worker.cjs
numprocs=2
[program:report]
command=bash -c "node a.js | tee b"
`,
      'web/web.cjs': NODE_SERVER,
      'worker.cjs': 'setInterval(() => {}, 1000);\n',
    },
    found: /supervisord\.conf: shop, mailer, report/,
    yaml: [/cwd: web$/m, /COLOUR: red, or blue$/m, /LEVEL: info/, /port: @@/, /liveness: \/healthz$/m, /- name: mailer$/m],
    path: '/healthz',
    notes: [
      /report: its command needs more.*tee b/,
      /shop: not taken over: user=shop/,
      /mailer: not taken over: numprocs=2/,
      /note: mailer: no port was found/,
    ],
  },
  'a systemd unit': {
    files: {
      'deploy/shop.service': `[Unit]
Description=The shop
After=network.target postgresql.service
[Service]
Type=simple
User=shop
WorkingDirectory=/srv/shop/current
Environment=NODE_ENV=production "MOTTO=all is well"
EnvironmentFile=-/srv/shop/current/.env
ExecStart=/usr/bin/node /srv/shop/current/server.cjs \\
  --quiet
MemoryMax=300M
Restart=on-failure
[Install]
WantedBy=multi-user.target
`,
      '.env': 'PORT=@@\n',
      'server.cjs': NODE_SERVER,
    },
    found: /a systemd unit: deploy\/shop\.service: shop on port @@/,
    yaml: [/script: server\.cjs/, /- --quiet/, /env_file: \.env/, /MOTTO: all is well/, /max_memory: 300M/],
    path: '/healthz',
    notes: [
      /shop: not taken over: After=network\.target postgresql\.service, User=shop/,
      /its folder \/srv\/shop\/current is not there: the one of the project is taken/,
      /systemctl disable --now shop\.service/,
    ],
  },
  'a compose file': {
    files: {
      'compose.yaml': `services:
  web:
    build: .
    ports: ["127.0.0.1:80:@@"]
    environment:
      DATABASE_URL: postgres://shop:secret@db:5432/shop
    healthcheck: { test: ["CMD", "curl", "-f", "http://localhost:@@/healthz"] }
    mem_limit: 300m
    privileged: true
    depends_on: [db]
  jobs:
    build: .
    command: sh -c "node migrate.cjs && node jobs.cjs"
  db:
    image: postgres:16
`,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["node", "server.cjs"]\n',
      'server.cjs': NODE_SERVER,
    },
    found: /compose\.yaml: web, jobs: web on port @@/,
    yaml: [/script: server\.cjs/, /port: @@/, /liveness: \/healthz$/m, /max_memory: 300M/],
    path: '/healthz',
    notes: [
      /web: not taken over: privileged/,
      /jobs: left out, as it runs a line for a shell: sh -c "node migrate/,
      /db \(postgres:16\) stays with Docker: docker compose up -d db/,
      /web: DATABASE_URL may be secret: in a file that run\.env_file names/,
      /DATABASE_URL of web names the host db, which only containers know/,
    ],
  },
};

suite('lifeguard init makes a configuration that starts as it is', () => {
  for (const [what, fixture] of Object.entries(FIXTURES)) {
    const skip = fixture.python ? (missing(...fixture.python) ?? false) : false;
    test(what, { skip, timeout: 240_000 }, async () => {
      const { sandbox, port } = await laid(fixture.files);
      const here = (pattern: RegExp): RegExp => new RegExp(pattern.source.replaceAll('@@', String(port)), pattern.flags);
      try {
        const shown = await sandbox.lifeguard('init', '--print');
        assert.throws(() => readFileSync(join(sandbox.dir, 'backend.yaml')), /ENOENT/, '--print writes nothing');
        const { code, stderr } = await sandbox.lifeguard('init');
        assert.equal(code, 0, stderr);
        assert.match(stderr, here(fixture.found));
        for (const note of fixture.notes ?? []) assert.match(stderr, note);
        assert.match(stderr, /Next:\n {2}npx lifeguard validate\n {2}npx lifeguard start/);
        const yaml = readFileSync(join(sandbox.dir, 'backend.yaml'), 'utf8');
        assert.ok(shown.stdout.includes(yaml));
        for (const each of fixture.yaml) assert.match(yaml, here(each));

        const started = await sandbox.run(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'start'], { deadlineMs: 120_000 });
        assert.equal(started.code, 0, `${yaml}\n${started.stdout}${started.stderr}`);
        await until('an answer', async () => (await get(port, fixture.path)).status === 200);
        const again = await sandbox.lifeguard('init');
        assert.equal(again.code, 1);
        assert.match(again.stderr, /backend\.yaml and ecosystem\.config\.ts are there already: nothing was written/);
      } finally {
        await sandbox.dispose();
      }
    });
  }
});

suite('lifeguard init says what it does not understand', () => {
  const run = async (files: Readonly<Record<string, string>>, ...args: string[]): Promise<Output & { yaml: string }> => {
    const { sandbox } = await laid(files);
    try {
      const output = await sandbox.lifeguard('init', '--print', ...args);
      return { ...output, yaml: output.stdout };
    } finally {
      await sandbox.dispose();
    }
  };

  test('a folder in which there is nothing', async () => {
    const { code, stderr } = await run({ 'readme.txt': 'hello' });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /nothing here is recognised\n.*FastAPI, Django, Flask, Node, a Procfile.*supervisord\.conf, systemd units and compose files/,
    );
  });

  test('a line for a shell', async () => {
    const { code, stderr, yaml } = await run({
      Procfile: 'web: node a.js\nworker: cd jobs && node run.js | tee log\n',
      'a.js': '',
    });
    assert.equal(code, 0);
    assert.match(stderr, /note: worker: it is a line for a shell\. Put it into a script .*: cd jobs && node run\.js \| tee log/);
    assert.doesNotMatch(yaml, /tee/);
  });

  test("what of PM2's keys is not taken over", async () => {
    const { stderr } = await run({
      'ecosystem.config.cjs':
        "module.exports = { apps: [{ name: 'x', script: 'x.js', cron_restart: '0 3 * * *', watch: true }] };",
      'x.js': '',
    });
    assert.match(stderr, /note: x: not taken over: cron_restart, watch/);
    assert.match(stderr, /note: x: no port was found/);
  });

  test('an app without a health route', async () => {
    const { stderr } = await run({ 'main.py': 'from fastapi import FastAPI\napp = FastAPI()\n', 'venv/bin/python': '' });
    assert.match(stderr, /note: No health route was found in the source/);
  });
});

suite('lifeguard init --from pm2', () => {
  let sandbox: Sandbox;
  let port: number;
  before(async () => {
    ({ sandbox, port } = await laid({ 'server.js': NODE_SERVER }));
    sandbox.env.PORT = String(port);
    await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), 'start', 'server.js', '--name', 'old-shop']);
    delete sandbox.env.PORT;
    await until('an answer', async () => (await get(port, '/')).status === 200);
  });
  after(() => sandbox.dispose());

  test('what runs is written down, with the port that it was seen to listen on', async () => {
    const { code, stderr, stdout } = await sandbox.lifeguard('init', '--from', 'pm2', '--print');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`Found 1 app that PM2 runs: old-shop on port ${port}`));
    assert.match(stdout, /script: server\.js/);
    assert.match(stdout, new RegExp(`port: ${port}`));
    assert.match(stderr, /The environment that PM2 keeps of them is not written down/);
    assert.match(stderr, /npx lifeguard start --adopt$/m);
  });
});

async function laid(files: Readonly<Record<string, string>>): Promise<{ sandbox: Sandbox; port: number }> {
  const port = await freePort();
  const sandbox = new Sandbox();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(sandbox.dir, dirname(name)), { recursive: true });
    writeFileSync(join(sandbox.dir, name), text.replaceAll('@@', String(port)));
  }
  mkdirSync(join(sandbox.dir, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(sandbox.dir, 'node_modules/pm2-lifeguard'));
  return { sandbox, port };
}

/** null, or what to install. Where CI is set nothing may be left out: then it is an error. */
function missing(...modules: readonly string[]): string | null {
  if (spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`]).status === 0) return null;
  const advice = `apt-get install -y python3-fastapi uvicorn python3-flask python3-django gunicorn (for ${modules.join(', ')})`;
  if (process.env.CI) throw new Error(advice);
  return advice;
}
