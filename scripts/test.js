// npm test [FILE or FOLDER below test/ ...]: builds, then runs node's own test runner over the *.test.ts files.
// TEST_AS_BUILT: builds only where a source is newer than what was built.
// One runner, so one summary; two files at a time, as the tests on the real thing need a processor each (TEST_FILES_AT_ONCE: so many).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { built } from '../bin/built.cjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What hangs is a failure with a name, and not the end of CI's time. */
const TIMEOUT_MS = 900_000;
/** What failed is told again after the summary. */
const LAST_WORDS_MS = 20_000;
const AT_ONCE = Number(process.env.TEST_FILES_AT_ONCE ?? 2);
const notByDefault = ['boot', 'chaos'];

const wanted = process.argv.slice(2);
const files = (wanted.length > 0 ? wanted : folders())
  .flatMap((place) => testsIn(join(root, place)))
  .map((f) => relative(root, f));
if (files.length === 0) {
  console.error(`no *.test.ts in ${wanted.join(' ')}`);
  process.exit(64);
}
if (process.env.TEST_AS_BUILT === undefined || built('src/cli/main.ts') === null) {
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.js')], { stdio: 'inherit' });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
const runner = spawn(
  process.execPath,
  [
    '--import',
    'tsx',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${AT_ONCE}`,
    `--test-timeout=${TIMEOUT_MS}`,
    ...files,
  ],
  // Through pipes where nobody looks on: a process that a test left behind holds them open, and not what CI waits for.
  { cwd: root, stdio: process.stdout.isTTY ? 'inherit' : ['inherit', 'pipe', 'pipe'] },
);
runner.stderr?.pipe(process.stderr);
runner.stdout?.on('data', (chunk) => {
  process.stdout.write(chunk);
  // The runner waits for such a process for ever, though it has said how it went.
  if (/\bduration_ms \d/.test(chunk.toString())) setTimeout(LAST_WORDS_MS).then(() => runner.kill('SIGKILL'));
});
const isRead = once(runner, 'close');
const [code] = await once(runner, 'exit');
await Promise.race([isRead, setTimeout(LAST_WORDS_MS)]);
process.exit(code ?? 1);

function folders() {
  return readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !notByDefault.includes(entry.name))
    .map((entry) => join('test', entry.name));
}

function testsIn(place) {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(place, name));
}
