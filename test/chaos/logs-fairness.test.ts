import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, rotationOf } from '../support/log-rotation.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';

const APPS = 25;
const LARGE_BYTES = 2 * 1024 ** 3;

test('rotating 50 files, one of 2 GB, delays no check by more than 250 ms and takes less than 20 MB', async (t) => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  const directory = join(sandbox.dir, 'logs');
  mkdirSync(directory);
  const apps = Array.from({ length: APPS }, (_, i) => ({
    name: `app${i}`,
    script: '/bin/sleep',
    args: '3600',
    interpreter: 'none',
    out_file: join(directory, `app${i}-out.log`),
    error_file: join(directory, `app${i}-err.log`),
    merge_logs: true,
    pmx: false,
  }));
  writeFileSync(join(sandbox.dir, 'apps.json'), JSON.stringify({ apps }));
  const started = await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), 'start', 'apps.json']);
  assert.equal(started.code, 0, started.stdout + started.stderr);
  for (const { out_file, error_file } of apps) for (const path of [out_file, error_file]) fill(path, 1024 * 1024);
  fill(apps[0]?.out_file ?? '', LARGE_BYTES);

  const { port, close } = await answering();
  after(close);
  const rig = await rotationOf(sandbox.pm2Home, directory, { maxSizeBytes: 1e12 });
  after(() => rig.close());
  await rig.rotator.tick();
  const checks = new Checks(port);
  await checks.during(sleep(3_000));
  const quiet = { ms: checks.worstMs, rss: checks.peakRss };
  checks.worstMs = 0;
  const began = performance.now();
  const { rotated, failed } = await checks.during(rig.rotator.rotateNow());
  const roundMs = performance.now() - began;
  await checks.during(finish(rig));

  t.diagnostic(
    `checks: worst ${quiet.ms.toFixed(0)} ms before, ${checks.worstMs.toFixed(0)} ms during; ${checks.count} of them; ` +
      `memory +${((checks.peakRss - quiet.rss) / 1e6).toFixed(1)} MB; ` +
      `rotated in ${roundMs.toFixed(0)} ms, compressed in ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
  assert.deepEqual(failed, []);
  assert.equal(rotated.filter((path) => path.startsWith(directory)).length, 2 * APPS);
  assert.ok(checks.worstMs - quiet.ms <= 250, `a check took ${checks.worstMs} ms`);
  assert.ok(checks.peakRss - quiet.rss <= 20e6, `${checks.peakRss - quiet.rss} bytes more`);
});

/** Appends lines until the file has that size. */
function fill(path: string, bytes: number): void {
  const fd = openSync(path, 'a');
  for (let size = statSync(path).size, n = 0; size < bytes; n++) {
    const block = Array.from(
      { length: 4096 },
      (_, i) => `2026-11-24T10:00:00.000Z GET /api/posts?page=${(i * 7919 + n) % 104729} 200\n`,
    );
    size += writeSync(fd, block.join(''));
  }
  closeSync(fd);
}

async function answering(): Promise<{ port: number; close: () => void }> {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** A check of a backend every 50 ms: how late it comes and how long it takes, the worst of all. */
class Checks {
  worstMs = 0;
  peakRss = 0;
  count = 0;
  readonly #url: string;

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}/`;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const result = work.finally(() => {
      over = true;
    });
    while (!over) {
      const due = performance.now() + 50;
      await sleep(50);
      await (await fetch(this.#url)).text();
      this.worstMs = Math.max(this.worstMs, performance.now() - due);
      this.peakRss = Math.max(this.peakRss, process.memoryUsage().rss);
      this.count++;
    }
    return result;
  }
}
