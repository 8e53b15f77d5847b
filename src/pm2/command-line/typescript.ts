import { createRequire } from 'node:module';
import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { isInstalled } from '../../host/installed-package.ts';

/** This Node runs TypeScript by itself. */
const STRIPS_TYPES = Boolean((process.features as { typescript?: unknown }).typescript);

/**
 * Runs a module, TypeScript or not: through tsx, which takes every form of it on every Node; where that is not installed, as this Node
 * does it by itself. Each form in its own way: an ES module that runs as CommonJS has no top-level await, CommonJS that runs as an ES
 * module loses its lines.
 * @param note is told of every file that it imports, as a URL, where it runs as an ES module; as CommonJS they are read in this thread
 * @throws LifeguardError `needs-tsx` where neither can; whatever the module throws
 */
export async function runTypescript(
  file: string,
  form: 'es-module' | 'commonjs',
  note: (url: string) => void = () => undefined,
): Promise<unknown> {
  if (!isInstalled('tsx')) return runByNode(file);
  if (form === 'es-module') {
    const { tsImport } = await import('tsx/esm/api');
    return tsImport(pathToFileURL(file).href, { parentURL: import.meta.url, onImport: note });
  }
  const { require } = await import('tsx/cjs/api');
  return require(file, import.meta.url);
}

function runByNode(file: string): Promise<unknown> {
  if (isTypescript(file) && !STRIPS_TYPES) throw needsTsx(file);
  return import(pathToFileURL(file).href).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' ? needsTsx(file) : error;
  });
}

/** Lets `require` of this process take TypeScript. @throws LifeguardError `needs-tsx` where that cannot be had */
export function requireTypescript(): void {
  if (isInstalled('tsx')) createRequire(import.meta.url)('tsx/cjs');
  else if (!STRIPS_TYPES) throw needsTsx('the file');
}

function isTypescript(file: string): boolean {
  return /^\.[cm]?ts$/.test(extname(file));
}

function needsTsx(file: string): LifeguardError {
  return new LifeguardError('needs-tsx', `Node ${process.version} cannot run the TypeScript of ${basename(file)} by itself`, {
    hint: 'Install what can, npm install tsx, or use Node 22.18 or newer.',
  });
}
