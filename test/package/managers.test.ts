// The tarball installed by other package managers than npm, in a monorepo, and globally.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fromNpm } from '../support/from-npm.ts';
import { mainPath } from '../support/package/main-path.ts';
import { packed } from '../support/package/packed.ts';
import { Stranger } from '../support/package/stranger.ts';

const { tarball } = packed();

const MANAGERS = {
  pnpm: { version: '10.34.8', install: (file: string) => ['add', file] },
  yarn: { version: '1.22.22', install: (file: string) => ['add', '--prefer-offline', `file:${file}`] },
} as const;

for (const [manager, { version, install }] of Object.entries(MANAGERS))
  it(`installed with ${manager}, it is started and stopped`, { timeout: 300_000 }, async () => {
    const stranger = new Stranger();
    try {
      const program = join(fromNpm([`${manager}@${version}`]), 'node_modules/.bin', manager);
      await stranger.must(program, ...install(tarball));
      await mainPath(stranger, 'es-module', process.execPath);
    } finally {
      await stranger.sandbox.dispose();
    }
  });

it('installed in a workspace of a monorepo, it is started and stopped from there', { timeout: 300_000 }, async () => {
  const stranger = new Stranger();
  try {
    writeFileSync(join(stranger.sandbox.dir, 'package.json'), JSON.stringify({ private: true, workspaces: ['my project'] }));
    await stranger.must('npm', 'install', '--workspace', 'my-project', '--prefix', stranger.sandbox.dir, tarball);
    assert.ok(!existsSync(join(stranger.dir, 'node_modules/pm2-lifeguard')), 'it lies above, in the root');
    await stranger.write('es-module');
    for (const command of ['start', 'status', 'stop']) await stranger.must('npx', 'lifeguard', command);
  } finally {
    await stranger.sandbox.dispose();
  }
});

it('installed globally beside a global PM2, both keep their names', { timeout: 300_000 }, async () => {
  const stranger = new Stranger();
  try {
    const prefix = join(stranger.sandbox.dir, 'global');
    await stranger.must('npm', 'install', '--global', '--prefix', prefix, 'pm2@7.0.4');
    await stranger.must('npm', 'install', '--global', '--prefix', prefix, tarball);
    const { stdout } = await stranger.run(join(prefix, 'bin/pm2'), '--version');
    assert.equal(stdout.trim().split('\n').at(-1), '7.0.4');
    assert.match(await stranger.must(join(prefix, 'bin/lifeguard'), '--version'), /^\d+\.\d+\.\d+/);
  } finally {
    await stranger.sandbox.dispose();
  }
});
