import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { LineFile } from '../../../src/backend/log/line-file.ts';
import { ROOT } from '../../support/sandbox.ts';

suite('the backend log file', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'lifeguard-log-'));
    path = join(dir, 'app.log');
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const lines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1);

  test('renamed under the writer: no line is lost, and the next ones go to a new file', () => {
    const file = new LineFile(path);
    file.write('1\n');
    renameSync(path, `${path}.1`);
    file.write('2\n');
    file.reopenIfMoved();
    file.write('3\n');
    file.dispose();
    assert.deepEqual([lines(`${path}.1`), lines(path)], [['1', '2'], ['3']]);
  });

  test('a full disk: nothing is thrown, what fits in memory is written later, and what did not is counted', {
    skip: process.platform !== 'linux',
  }, () => {
    symlinkSync('/dev/full', path);
    const file = new LineFile(path);
    file.write('1\n');
    file.write(`${'x'.repeat(300 * 1024)}\n`);
    file.write('2\n');
    unlinkSync(path);
    file.reopenIfMoved();
    file.write('3\n');
    file.dispose();
    assert.deepEqual(lines(path), ['1', '2', '3', '{"level":"warn","msg":"1 lines were not logged: the disk was full"}']);
  });

  test('an error that nobody caught: its stack in the file and on stdout, exit 1', () => {
    const [log, shutdown] = ['log/logger.ts', 'shutdown.ts'].map((file) => join(ROOT, 'src/backend', file));
    const code = `import { openLog } from ${JSON.stringify(log)}; import { endOnUncaught } from ${JSON.stringify(shutdown)};
      const { logger, flush } = openLog(${JSON.stringify(dir)}, 'info'); endOnUncaught(logger, flush);
      setInterval(() => undefined, 1000); Promise.reject(new Error('nobody caught me'));`;
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', code],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(status, 1);
    assert.match(stdout, /"stack":"Error: nobody caught me\\n {4}at .*"msg":"unhandled rejection"/);
    assert.equal(readFileSync(path, 'utf8'), stdout);
  });
});
