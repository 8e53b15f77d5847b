import { existsSync, readFileSync } from 'node:fs';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { type Ecosystem, ecosystemOf, knownAs } from '../launch/ecosystem.ts';
import { logicalPath } from '../ownership/logical-path.ts';
import { isExpected } from './failure.ts';
import { loadFailure } from './load-failure.ts';
import { runTypescript } from './typescript.ts';

/**
 * Runs an ecosystem file, in TypeScript on every Node, and returns what it declares; null when it is one of PM2's plain ones.
 * @param note see {@link runTypescript}
 * @throws LifeguardError `no-file`, `ecosystem-file` when it cannot be read or throws, with its line; a ConfigError with all mistakes
 */
export async function loadEcosystem(path: string, note?: (url: string) => void): Promise<Ecosystem | null> {
  const file = logicalPath(path);
  if (!existsSync(file))
    throw new LifeguardError('no-file', `there is no ${file}`, {
      hint: 'Give another one with --config FILE; examples/ and the README show how to write one.',
    });
  try {
    const ecosystem = ecosystemOf((await run(file, note)).apps);
    return ecosystem && knownAs(file, ecosystem);
  } catch (error) {
    throw isExpected(error) ? error : loadFailure(error, file);
  }
}

/** What it exports, in either form; where Node itself runs CommonJS, that is its default. */
async function run(file: string, note?: (url: string) => void): Promise<{ apps?: unknown }> {
  const form = isEsModule(readFileSync(file, 'utf8')) ? 'es-module' : 'commonjs';
  const module = (await runTypescript(file, form, note)) as { apps?: unknown; default?: { apps?: unknown } };
  return module.apps === undefined ? (module.default ?? {}) : module;
}

function isEsModule(text: string): boolean {
  return /^\s*(import\b(?!\s*\()|export\b)/m.test(text);
}
