import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { gzip } from '../../../src/logs/archives/gzip.ts';

const directory = mkdtempSync(join(tmpdir(), 'lifeguard-gzip-'));
after(() => rmSync(directory, { recursive: true }));

const { PATH } = process.env;
after(() => {
  process.env.PATH = PATH;
});

/** Larger than any buffer, and what compresses badly in the middle. */
const TEXT = Buffer.concat([Buffer.alloc(300_000, 'a line\n'), randomBytes(200_000), Buffer.alloc(300_001, 'the end\n')]);

for (const [how, path] of [
  ['by the system’s gzip', PATH],
  ['without one', directory],
]) {
  test(`compressed ${how}: the same when it is read again`, async () => {
    process.env.PATH = path;
    assert.deepEqual(gunzipSync(await compressed(TEXT)), TEXT);
    assert.equal(gunzipSync(await compressed(Buffer.alloc(0))).length, 0);
  });

  test(`compressed ${how}: a full disk is told as one`, async () => {
    process.env.PATH = path;
    const from = await open(written(TEXT), 'r');
    const full = await open('/dev/full', 'r+');
    try {
      await assert.rejects(gzip(from, full), { code: 'ENOSPC' });
    } finally {
      await Promise.all([from.close(), full.close()]);
    }
  });
}

function written(text: Buffer): string {
  const file = join(directory, 'text');
  writeFileSync(file, text);
  return file;
}

async function compressed(text: Buffer): Promise<Buffer> {
  const [from, to] = [await open(written(text), 'r'), await open(join(directory, 'text.gz'), 'w')];
  try {
    await gzip(from, to);
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
  return readFileSync(join(directory, 'text.gz'));
}
