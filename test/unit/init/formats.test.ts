import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameFrom } from '../../../src/init/draft.ts';
import { healthAmong, routesIn } from '../../../src/init/health-routes.ts';
import { portOf } from '../../../src/init/ports.ts';
import { readNode } from '../../../src/init/readers/node.ts';
import { readPython } from '../../../src/init/readers/python.ts';
import { parseSimple } from '../../../src/init/simple-command.ts';
import { project } from '../../support/project-files.ts';

const routes = (...texts: string[]) => {
  const files = Object.fromEntries(texts.map((text, i) => [`${i}.py`, text]));
  return [...routesIn(project(files), Object.keys(files))].sort();
};

test('routes are read as FastAPI, Flask, Django, Express and Nest write them', () => {
  assert.deepEqual(routes(`@app.get("/health")\n@app.route('/ping', methods=['GET'])`), ['/health', '/ping']);
  assert.deepEqual(routes(`urlpatterns = [path("healthz/", view)]`), ['/healthz']);
  assert.deepEqual(routes(`app.get('/api/health', (req, res) => {}); app.get("/", x)`), ['/', '/api/health']);
  assert.deepEqual(routes(`@Controller('health')\nclass H {}`), ['/health']);
});

test('a router below a prefix, its own and the one that it is mounted with', () => {
  const router = `router = APIRouter(prefix="/v1")\n@router.get("/health")`;
  assert.deepEqual(routes(router), ['/v1/health']);
  assert.deepEqual(routes(router, `app.include_router(api.router, prefix="/api")`), ['/api/v1/health', '/v1/health']);
  assert.ok(routes(`const r = express.Router(); r.get('/health', x)`, `app.use('/api', r)`).includes('/api/health'));
});

test('which of them are asked', () => {
  assert.deepEqual(healthAmong(new Set(['/', '/health', '/api/health'])), { liveness: '/health', readiness: '/api/health' });
  assert.deepEqual(healthAmong(new Set(['/api/health'])), { liveness: '/api/health', readiness: null });
  assert.deepEqual(healthAmong(new Set(['/items', '/'])), { liveness: '/', readiness: null });
  assert.deepEqual(healthAmong(new Set(['/items'])), { liveness: null, readiness: null });
});

for (const [text, port] of [
  ['app.listen(process.env.PORT || 4000)', 4000],
  ['const port = process.env.PORT ?? 4001', 4001],
  ['uvicorn.run(app, host="0.0.0.0", port=4002)', 4002],
  ['port = int(os.environ.get("PORT", 4003))', 4003],
  ["port = os.getenv('PORT', '4004')", 4004],
  ['server.listen(4005, "127.0.0.1")', 4005],
  ['await app.listen({ port: 4006 })', 4006],
  ['there is no such thing', null],
] as const) {
  test(`a port is read from: ${text}`, () => assert.equal(portOf(project({ 'x.js': text }), ['x.js']), port));
}

test('the variable in .env comes before the source, EXPOSE after it', () => {
  assert.equal(portOf(project({ '.env': 'A=1\nexport PORT="5001"\n', 'x.js': 'listen(4000)' }), ['x.js']), 5001);
  assert.equal(portOf(project({ Dockerfile: 'FROM x\nEXPOSE 5002\n' }), []), 5002);
});

test('a command line that needs no shell, and ones that do', () => {
  assert.deepEqual(parseSimple('NODE_ENV=production node server.js --port $PORT', { PORT: '5000' }), {
    env: { NODE_ENV: 'production' },
    program: 'node',
    args: ['server.js', '--port', '5000'],
  });
  assert.deepEqual(parseSimple('exec gunicorn app:app -b 0.0.0.0:${PORT:-8000}', { PORT: '5000' })?.args, [
    'app:app',
    '-b',
    '0.0.0.0:5000',
  ]);
  for (const line of ['cd x && node y', 'a | b', 'node $UNKNOWN', 'rm *', 'echo `date`', "node 'x"])
    assert.equal(parseSimple(line), null, line);
});

test('a start script that only a shell can run is left to npm, and that is said', () => {
  const draft = readNode(
    project({ 'package.json': '{"name":"x","scripts":{"start":"npm run build && node dist/x.js"}}', 'x.js': 'listen(3000)' }),
  );
  assert.equal(draft?.backends[0]?.run.command, 'npm start');
  assert.match(draft?.notes[0] ?? '', /line for a shell.*npm run build && node/);
});

test('a program of a package is taken from node_modules', () => {
  const draft = readNode(
    project({ 'package.json': '{"scripts":{"start":"next start"},"dependencies":{"next":"15"}}', 'node_modules/.bin/next': '' }),
  );
  assert.deepEqual([draft?.backends[0]?.run.command, draft?.backends[0]?.port], ['node_modules/.bin/next start', 3000]);
});

test('uvicorn gets its graceful limit only where it is known to have one', () => {
  const files = { 'main.py': 'app = FastAPI()\n' };
  const commandWith = (version: string | null) =>
    readPython(project(files), { has: () => true, versionOf: () => version, python: 'python3', venv: null })?.backends[0]?.run
      .command;
  assert.match(commandWith('0.30.1') ?? '', /--timeout-graceful-shutdown 8$/);
  assert.doesNotMatch(commandWith('0.17.6') ?? '', /graceful/);
  assert.doesNotMatch(commandWith(null) ?? '', /graceful/);
});

test('an app factory; a server that is not there', () => {
  const place = { has: () => false, versionOf: () => null, python: 'venv/bin/python', venv: 'venv' };
  const draft = readPython(project({ 'shop/app.py': 'def make() -> FastAPI:\n' }), place);
  assert.match(draft?.backends[0]?.run.command ?? '', /^uvicorn shop\.app:make --factory /);
  assert.match(draft?.notes.join('\n') ?? '', /uvicorn is not installed: venv\/bin\/pip install uvicorn/);
  const flask = readPython(project({ 'app.py': 'from flask import Flask\napp = Flask(__name__)\n' }), place);
  assert.match(
    flask?.backends[0]?.run.command ?? '',
    /^venv\/bin\/python -m flask --app app:app run --host 127\.0\.0\.1 --port 5000$/,
  );
});

test('names that PM2 and a log file can bear', () => {
  assert.equal(nameFrom('@me/My Shop!'), 'my-shop');
  assert.equal(nameFrom('...'), 'backend');
});
