import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isSameFile, logicalPath } from '../../../src/pm2/ownership/logical-path.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lifeguard-path-')));
after(() => rmSync(dir, { recursive: true }));
for (const release of ['releases/1', 'releases/2']) {
  mkdirSync(join(dir, release), { recursive: true });
  writeFileSync(join(dir, release, 'ecosystem.config.ts'), '');
}
writeFileSync(join(dir, 'releases/ecosystem.config.ts'), '');
symlinkSync(join(dir, 'releases/1'), join(dir, 'current'));

const FILE = 'ecosystem.config.ts';
const release = join(dir, 'releases/1');
const current = join(dir, 'current');
const cases: [string, string, { cwd: string; pwd?: string }, string][] = [
  ['absolute, through a link', join(current, FILE), { cwd: '/' }, join(current, FILE)],
  ['relative, through a link', `current/${FILE}`, { cwd: dir }, join(current, FILE)],
  ['in a folder that was entered through a link', FILE, { cwd: release, pwd: current }, join(current, FILE)],
  ['with a dot in front', `./${FILE}`, { cwd: release, pwd: current }, join(current, FILE)],
  ['a PWD of another folder is not believed', FILE, { cwd: release, pwd: join(dir, 'releases/2') }, join(release, FILE)],
  ['nor one that is not there, nor a relative one', FILE, { cwd: release, pwd: 'current' }, join(release, FILE)],
  ['no PWD, as under cron', FILE, { cwd: release }, join(release, FILE)],
  ['up from a link is up from where it leads', `../${FILE}`, { cwd: release, pwd: current }, join(dir, 'releases', FILE)],
  ['the same within the path', `current/../${FILE}`, { cwd: dir }, join(dir, 'releases', FILE)],
  ['up and down again', `current/../1/${FILE}`, { cwd: dir }, join(release, FILE)],
  ['a file that is not there', 'current/gone.config.ts', { cwd: dir }, join(current, 'gone.config.ts')],
];
for (const [what, typed, { cwd, pwd }, expected] of cases) {
  test(`the path as it was typed: ${what}`, () => assert.equal(logicalPath(typed, { cwd, pwd }), expected));
}

test('two paths, one file', () => {
  assert.equal(isSameFile(join(current, FILE), join(release, FILE)), true);
  assert.equal(isSameFile(join(current, FILE), join(dir, 'releases/2', FILE)), false);
  assert.equal(isSameFile(join(current, 'gone'), join(release, 'gone')), false);
});
