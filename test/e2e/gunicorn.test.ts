// What was refused as a mistake before, though it is right: gunicorn's -p is no port, and a module need not lie beside the program.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freePort } from '../support/port.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';

const WSGI = `def app(environ, start_response):
    start_response('200 OK', [])
    return [b'ok']
`;

const sandbox = new Sandbox();
after(() => sandbox.dispose());

test('gunicorn -p app.pid, its module found through PYTHONPATH in env_file: started, without a warning', async () => {
  const port = await freePort();
  mkdirSync(join(sandbox.dir, 'lib'));
  writeFileSync(join(sandbox.dir, 'lib/shop.py'), WSGI);
  writeFileSync(join(sandbox.dir, '.env'), `PYTHONPATH=${join(sandbox.dir, 'lib')}\n`);
  writeFileSync(
    join(sandbox.dir, 'shop.yaml'),
    `backends:
  - name: shop
    run: { command: /usr/bin/gunicorn -p app.pid -b 127.0.0.1:${port} shop:app, env_file: .env }
    port: ${port}
    health: { liveness: /, readiness: null }
`,
  );
  const environment = { ...sandbox.env, LIFEGUARD_CONFIG: join(sandbox.dir, 'shop.yaml') };
  const { code, stdout, stderr } = await sandbox.run(
    process.execPath,
    [join(ROOT, 'bin/lifeguard.js'), 'start', '--config', join(ROOT, 'ecosystem.config.ts')],
    { env: environment },
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /shop +healthy/);
  assert.doesNotMatch(stderr, /warning/);
});
