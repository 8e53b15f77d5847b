import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finish, rotationOf, startWriting } from '../../support/log-rotation.ts';
import { tally } from '../../support/log-tally.ts';
import { until } from '../../support/poll.ts';
import { Sandbox } from '../../support/sandbox.ts';

for (const { mode, instances } of [
  { mode: 'fork', instances: 1 },
  { mode: 'cluster', instances: 2 },
]) {
  test(`${mode} mode: nothing is lost, doubled or torn by a rotation at 2,000 lines a second`, async () => {
    const sandbox = new Sandbox();
    after(() => sandbox.dispose());
    const directory = join(sandbox.dir, 'logs');
    const writing = await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 2_000, seconds: 3600, instances });
    const rig = await rotationOf(sandbox.pm2Home, directory);
    after(() => rig.close());
    for (let i = 0; i < 6; i++) {
      await until('lines', () => outFiles(directory, instances).every((path) => lstatSync(path).size > 0));
      await rig.rotator.rotateNow();
    }
    writing.stop();
    const { written } = await writing.done();
    await finish(rig);

    const { files, lostBetween, ...counts } = await tally(directory, 'w-out', written);
    assert.deepEqual(counts, { lost: 0, duplicated: 0, torn: 0, found: [...written.values()].reduce((sum, n) => sum + n) });
    assert.equal(lostBetween, null);
    assert.equal(files, 7 * instances);
    const said = (kind: string) =>
      rig.events.filter((event) => event.kind === kind && !JSON.stringify(event).includes('pm2.log'));
    assert.deepEqual(said('failed'), []);
    // What could not be checked on a busy machine is said; as a rule all can.
    assert.ok(said('unverified').length <= 1, JSON.stringify(said('unverified')));
    const names = readdirSync(directory);
    assert.ok(
      names.every((name) => /^w-(out|err)(-\d)?(-[-\dT]+Z(_\d{3})?)?\.log(\.gz)?$/.test(name)),
      names.join('\n'),
    );
    for (const name of names) assert.equal(lstatSync(join(directory, name)).mode & 0o777, 0o640, name);
  });
}

function outFiles(directory: string, instances: number): string[] {
  if (instances === 1) return [join(directory, 'w-out.log')];
  return Array.from({ length: instances }, (_, i) => join(directory, `w-out-${i}.log`));
}

test('pm2.log, which no reload reopens, loses nothing either', async () => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  const directory = join(sandbox.dir, 'logs');
  await startWriting(sandbox, { name: 'w', directory, linesPerSecond: 100, seconds: 60 });
  const rig = await rotationOf(sandbox.pm2Home, directory, { compress: false });
  after(() => rig.close());
  // Each reload makes the daemon write to it.
  for (let i = 0; i < 6; i++) {
    await until('a line', () => lstatSync(join(directory, 'w-out.log')).size > 0);
    await rig.rotator.rotateNow();
  }
  await rig.rotator.settled();
  const names = readdirSync(sandbox.pm2Home).filter((name) => /^pm2.*\.log$/.test(name));
  assert.ok(names.length >= 4, names.join('\n'));
  // Oldest first; '-' sorts before '.'.
  const lines = names.toSorted().flatMap((name) => readFileSync(join(sandbox.pm2Home, name), 'utf8').split('\n').slice(0, -1));
  assert.ok(
    lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: /.test(line)),
    lines.join('\n'),
  );
  const [reloads, reloaded] = ['Reloading logs...', 'Reloading logs for process id 0'].map(
    (text) => lines.filter((line) => line.includes(text)).length,
  );
  assert.equal(reloads, reloaded);
});
