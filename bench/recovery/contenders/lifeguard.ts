import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from '../../../test/support/sandbox.ts';
import type { Room } from '../../room.ts';
import type { Contender, Setting } from '../contender.ts';
import type { Victim } from '../victim.ts';

const OUR_PM2 = fileURLToPath(new URL('../../../bin/pm2.js', import.meta.url));

/** What differs from the defaults of `health`. `fastest`: as fast as the fastest of the others can be set. */
const HEALTH: Record<Setting, Record<string, unknown>> = {
  default: {},
  fastest: { interval: '1s', failure_threshold: 2, timeout: '1s' },
};
const HOW: Record<Setting, string> = {
  default: 'all defaults: every 1 s, 3 failures, 5 s timeout',
  fastest: 'every 1 s, 2 failures, 1 s timeout',
};

/** This package, started by its own pm2 from an ecosystem.config.ts. @param checksDependency it watches the victim's dependency itself */
export function lifeguard(setting: Setting, checksDependency = false): Contender {
  return {
    name: 'lifeguard',
    setting,
    how: HOW[setting],
    checkEveryMs: 1_000,
    slow: false,
    async start(room, victim) {
      await startLifeguard(room, [backend('victim', victim, HEALTH[setting], checksDependency)]);
    },
  };
}

/** To be called before it is measured: lifeguard runs compiled, as it is installed. From its sources it takes 40 MB more. */
export async function compileLifeguard(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.js')]);
}

/** Writes ecosystem.config.ts with these backends and starts it. */
export async function startLifeguard(
  room: Room,
  backends: readonly unknown[],
  dashboard: unknown = null,
  alerts: readonly unknown[] = [],
): Promise<void> {
  const index = pathToFileURL(join(ROOT, 'src/index.ts')).href;
  const definition = JSON.stringify({ backends, dashboard, alerts }, null, 2);
  room.write(
    'ecosystem.config.ts',
    `import { defineEcosystem } from ${JSON.stringify(index)};\nexport const { apps } = defineEcosystem(import.meta.url, ${definition});\n`,
  );
  await room.run(process.execPath, [OUR_PM2, 'start', 'ecosystem.config.ts'], { deadlineMs: 300_000 });
}

export function backend(name: string, victim: Victim, health: Record<string, unknown> = {}, checksDependency = false): unknown {
  const dependency = { name: 'store', check: `tcp://127.0.0.1:${victim.dependencyPort}` };
  return {
    name,
    run: { script: victim.script, interpreter: 'node', args: victim.args },
    port: victim.port,
    health,
    depends_on: checksDependency ? [dependency] : [],
  };
}
