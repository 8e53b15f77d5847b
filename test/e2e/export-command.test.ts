// `lifeguard export` as it is typed: what it prints, what it writes, what it refuses.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { ROOT, Sandbox } from '../support/sandbox.ts';

describe('lifeguard export', { timeout: 120_000 }, () => {
  let sandbox: Sandbox;

  before(() => {
    sandbox = new Sandbox({ DATABASE_URL: 'postgres://app:sesame@127.0.0.1/shop' });
    writeFileSync(join(sandbox.dir, 'server.cjs'), '');
    writeFileSync(join(sandbox.dir, '.env'), 'SECRET=sesame\n');
    writeFileSync(
      join(sandbox.dir, 'ecosystem.config.ts'),
      `import { defineEcosystem } from '${join(ROOT, 'src/index.ts')}';
export const { apps } = defineEcosystem(import.meta.url, { backends: [] });
`,
    );
    writeFileSync(
      join(sandbox.dir, 'backend.yaml'),
      `backends:
  - name: api
    run: { script: server.cjs, env_file: .env, env: { DATABASE_URL: "\${DATABASE_URL}" } }
    port: 5601
    depends_on: [{ name: database, check: "\${DATABASE_URL}" }]
  - name: web
    run: { script: server.cjs }
    port: 5602
`,
    );
  });
  after(() => sandbox.dispose());

  it('prints what kubectl takes, of the backends that were named, and what is to be known beside it', async () => {
    const { code, stdout, stderr } = await sandbox.lifeguard('export', 'kubernetes', 'api');
    assert.equal(code, 0, stderr);
    const kinds = parseAllDocuments(stdout).map((document) => (document.toJS() as { kind: string }).kind);
    assert.deepEqual(kinds, ['Deployment', 'Service', 'PodDisruptionBudget', 'NetworkPolicy']);
    assert.match(stdout, /^ {2}name: api$/m);
    assert.doesNotMatch(stdout, /name: web/);
    assert.match(stderr, /note: api: left out, as they may hold secrets: DATABASE_URL/);
    assert.doesNotMatch(stdout + stderr, /sesame/);
  });

  it('writes the files, and the same again changes nothing', async () => {
    const first = await sandbox.lifeguard('export', 'systemd', '--output', 'units', '--user', 'deploy');
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^new +api\.service$/m);
    assert.match(first.stdout, /sudo systemctl enable --now api api-health\.service web web-health\.service/);
    assert.match(readFileSync(join(sandbox.dir, 'units/api.service'), 'utf8'), /^User=deploy$/m);

    const again = await sandbox.lifeguard('export', 'systemd', '--output', 'units', '--user', 'deploy', '--json');
    const { written } = JSON.parse(again.stdout) as { written: { path: string; what: string }[] };
    assert.ok(written.length > 3);
    assert.ok(written.every(({ what }) => what === 'unchanged'));
  });

  it('leaves alone what somebody has edited, all of it, until it is told otherwise', async () => {
    const edited = join(sandbox.dir, 'units/web.service');
    appendFileSync(edited, '# mine\n');
    const refused = await sandbox.lifeguard('export', 'systemd', '--output', 'units', '--user', 'www-data');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /web\.service/);
    assert.match(refused.stderr, /--force/);
    assert.match(readFileSync(edited, 'utf8'), /# mine/);
    assert.match(readFileSync(join(sandbox.dir, 'units/api.service'), 'utf8'), /^User=deploy$/m);

    const forced = await sandbox.lifeguard('export', 'systemd', '--output', 'units', '--user', 'www-data', '--force');
    assert.equal(forced.code, 0, forced.stderr);
    assert.doesNotMatch(readFileSync(edited, 'utf8'), /# mine/);
  });

  for (const [what, args, said] of [
    ['another target', ['docker'], /docker: expected one of systemd, kubernetes, compose/],
    ['an unknown backend', ['compose', 'shop'], /there is no backend shop/],
    ['an environment that nobody has', ['compose', '--env', 'staging'], /no backend has env_staging/],
    ['a version that is no number', ['systemd', '--systemd', 'latest'], /--systemd latest: expected a whole number/],
  ] as const)
    it(`refuses ${what} as wrong usage`, async () => {
      const { code, stdout, stderr } = await sandbox.lifeguard('export', ...args);
      assert.equal(code, 64);
      assert.match(stderr, said);
      assert.equal(stdout, '');
    });
});
