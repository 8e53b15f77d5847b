import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { type Ecosystem, ecosystemOf, knownAs } from '../launch/ecosystem.ts';
import { logicalPath } from '../ownership/logical-path.ts';

/**
 * Runs an ecosystem file, in TypeScript on every Node, and returns what it declares; null when it is one of PM2's plain ones.
 * @throws LifeguardError `no-file`; whatever the file throws, a ConfigError with all mistakes first of all
 */
export async function loadEcosystem(path: string): Promise<Ecosystem | null> {
  const file = logicalPath(path);
  if (!existsSync(file))
    throw new LifeguardError('no-file', `there is no ${file}`, {
      hint: 'Give another one with --config FILE; examples/ and the README show how to write one.',
    });
  const module = (await tsImport(pathToFileURL(file).href, import.meta.url)) as { apps?: unknown; default?: { apps?: unknown } };
  const ecosystem = ecosystemOf(module.apps ?? module.default?.apps); // the second in CommonJS: module.exports = defineEcosystem(…)
  return ecosystem && knownAs(file, ecosystem);
}
