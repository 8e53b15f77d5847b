import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCredentials, writeUrl } from '../../../src/backend/embedded/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifeguard-credentials-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'database-url');

test('a file with the URL that a power cut has left empty, or half: another password is made, as if there was none', () => {
  for (const left of ['', 'postgres://app:abc', 'postgres://app:tooshort@127.0.0.1/app']) {
    writeFileSync(file, left);
    assert.equal(readCredentials(file).isNew, true, left);
  }
});

test('the password stays the same, and a file that is right is not written again', () => {
  const { password } = readCredentials(join(folder, 'none'));
  writeUrl(file, password, 15_432);
  assert.deepEqual(readCredentials(file), { password, isNew: false });
  const { ino } = statSync(file);
  writeUrl(file, password, 15_432);
  assert.equal(statSync(file).ino, ino);
  writeUrl(file, password, 15_433);
  assert.match(readFileSync(file, 'utf8'), /:15433\//);
});
