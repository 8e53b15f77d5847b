import { fileURLToPath } from 'node:url';
import type { BackendInput, EcosystemInput } from '../config/input.ts';
import { loadConfig } from '../config/load.ts';
import { refuseUnsupportedSystem } from '../host/supported.ts';
import { appsCarrying, type Ecosystem, knownAs } from '../pm2/launch/ecosystem.ts';
import type { AppDeclaration } from '../pm2/types.ts';
import { assembleEcosystem } from './assemble.ts';
import { thisMachine } from './machine.ts';
import { giveUpAsApp, launchAsApp, runsAsApp } from './self-launch.ts';
import { stockPm2Notes } from './stock-pm2-notes.ts';

/**
 * Defines what runs, in ecosystem.config.ts: `export const { apps } = defineEcosystem(import.meta.url, { backends: […] })`, or in a
 * CommonJS project `module.exports = defineEcosystem(__filename, { backends: […] })`.
 * backend.yaml beside that file is laid over it. Nothing is started by it, but for one case: when a stock PM2 has taken the file for
 * a script and runs it, it starts the apps through PM2's API and takes itself out of the list.
 * @param place the ecosystem file: its `import.meta.url` or `__filename`
 * @returns PM2's app declarations
 * @throws ConfigError with every mistake in the configuration
 */
export function defineEcosystem(place: string, definition: EcosystemInput): { apps: AppDeclaration[] } {
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  if (!runsAsApp(file, process.env)) {
    const declared = readEcosystem(file, definition);
    const notes = [...declared.notes, ...stockPm2Notes(place, thisMachine(process.env))];
    return { apps: appsCarrying({ ...declared, notes }) };
  }
  const environment = { ...process.env };
  try {
    refuseUnsupportedSystem();
    const declared = knownAs(environment.pm_exec_path ?? file, readEcosystem(file, definition));
    void launchAsApp(declared, environment, process.argv.slice(2)); // not awaited: PM2 may require() this file
    return { apps: appsCarrying(declared) };
  } catch (error) {
    void giveUpAsApp(error, environment);
    return { apps: [] };
  }
}

/** One backend on its own, with its types; for a file that only holds backends. */
export function defineBackend(definition: BackendInput): BackendInput {
  return definition;
}

function readEcosystem(file: string, definition: unknown): Ecosystem {
  const config = loadConfig({ file, typescript: definition, env: process.env });
  return assembleEcosystem(file, config, process.env, thisMachine(process.env));
}
