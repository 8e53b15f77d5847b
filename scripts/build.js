// Compiles src/ and probes/ to dist/ with tsc, in one stroke: a running lifeguard never sees half of it. Where the compiler is
// not installed (npm ci --omit=dev) it says so and changes nothing: everything also runs from the sources, through tsx.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepReachedDeclarations } from './declarations.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const [dist, fresh, old] = ['dist', `dist-new-${process.pid}`, `dist-old-${process.pid}`].map((name) => join(root, name));

/** The page's files, compiled or copied. */
const PAGE = 'src/dashboard/browser';

const tsc = compiler();
if (!tsc) {
  console.error('pm2-lifeguard: typescript is not installed, so dist/ is not built; it runs from the sources, through tsx.');
  process.exit(0);
}
// What runs in Node, and what runs in a browser.
const status = compile('tsconfig.browser.json', '--noEmit', 'false') || compile('tsconfig.build.json');
if (status === 0) {
  for (const file of ['index.html', 'style.css', 'icon.svg']) copyFileSync(join(root, PAGE, file), join(fresh, PAGE, file));
  keepReachedDeclarations(fresh, 'src/index.d.ts');
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
}
for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
process.exit(status);

function compile(project, ...options) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', fresh, ...options], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
}

function compiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  } catch {
    return null;
  }
}
