import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { type Ecosystem, ecosystemOf, knownAs } from '../launch/ecosystem.ts';
import { logicalPath } from '../ownership/logical-path.ts';
import { isExpected } from './failure.ts';
import { loadFailure } from './load-failure.ts';

/**
 * Runs an ecosystem file, in TypeScript on every Node, and returns what it declares; null when it is one of PM2's plain ones.
 * @throws LifeguardError `no-file`, `ecosystem-file` when it cannot be read or throws, with its line; a ConfigError with all mistakes
 */
export async function loadEcosystem(path: string): Promise<Ecosystem | null> {
  const file = logicalPath(path);
  if (!existsSync(file))
    throw new LifeguardError('no-file', `there is no ${file}`, {
      hint: 'Give another one with --config FILE; examples/ and the README show how to write one.',
    });
  try {
    const ecosystem = ecosystemOf((await run(file)).apps);
    return ecosystem && knownAs(file, ecosystem);
  } catch (error) {
    throw isExpected(error) ? error : loadFailure(error, file);
  }
}

/** Each form in its own way: an ES module that runs as CommonJS has no top-level await, CommonJS that runs as an ES module loses its lines. */
async function run(file: string): Promise<{ apps?: unknown }> {
  if (isEsModule(readFileSync(file, 'utf8'))) {
    const { tsImport } = await import('tsx/esm/api');
    return (await tsImport(pathToFileURL(file).href, import.meta.url)) as { apps?: unknown };
  }
  const { require } = await import('tsx/cjs/api');
  return require(file, import.meta.url) as { apps?: unknown };
}

function isEsModule(text: string): boolean {
  return /^\s*(import\b(?!\s*\()|export\b)/m.test(text);
}
