import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock/clock.ts';
import type { LogPolicy } from '../../src/config/resolved.ts';
import type { Host } from '../../src/host/host.ts';
import { thisHost } from '../../src/host/this-host.ts';
import type { LogEvent } from '../../src/logs/log-event.ts';
import { Pm2Logs } from '../../src/logs/pm2-logs.ts';
import { createRotator, type Rotator } from '../../src/logs/rotator.ts';
import { connectPm2 } from '../../src/pm2/daemon/client.ts';
import { socketsOf } from '../../src/pm2/home.ts';
import { ownersIn } from '../../src/pm2/ownership/own-apps.ts';
import { encodeRecord, RECORD_KEY } from '../../src/pm2/ownership/record.ts';
import { until } from './poll.ts';
import { ROOT, type Sandbox } from './sandbox.ts';

/** The ecosystem file that what is started here belongs to, where nothing else is said. */
export const OWN_FILE = '/somewhere/ecosystem.config.ts';

/** A rotator for all logs of a sandbox's daemon, as lifeguard wires it. */
export interface RotationRig {
  readonly rotator: Rotator;
  readonly events: readonly LogEvent[];
  close(): void;
}

export interface RigOptions extends Partial<LogPolicy> {
  /** The ecosystem file whose apps are this lifeguard's. */
  readonly owner?: string;
  readonly host?: Host;
  /** Where rules of logrotate are looked for: nowhere. */
  readonly logrotatePlaces?: readonly string[];
}

export async function rotationOf(
  pm2Home: string,
  directory: string,
  { owner = OWN_FILE, host = thisHost(process.env), logrotatePlaces = [], ...policy }: RigOptions = {},
): Promise<RotationRig> {
  const whole: LogPolicy = {
    directory,
    maxSizeBytes: 1e9,
    retainMs: 864e6,
    compress: true,
    maxTotalBytes: null,
    files: [],
    ...policy,
  };
  const pm2 = await connectPm2(pm2Home);
  const events: LogEvent[] = [];
  const config = { owner, backends: [], companions: [], journal: join(directory, 'incidents.jsonl') };
  const logs = new Pm2Logs({ host, config, pm2Home, ownerOf: ownersIn(pm2Home), fallback: whole, logrotatePlaces });
  const rotator = createRotator({
    host,
    sources: async () => logs.sources(await pm2.list()),
    reload: () => pm2.reloadLogs(),
    exclusively: (work) => logs.exclusively(work),
    busPath: socketsOf(pm2Home).bus,
    clock: systemClock,
    report: (event) => events.push(event),
  });
  const close = () => {
    logs.close();
    pm2.close();
  };
  return { rotator, events, close };
}

export interface Writing {
  readonly name: string;
  readonly directory: string;
  /** Of all its processes together. */
  readonly linesPerSecond: number;
  readonly seconds: number;
  /** More than 1: cluster mode. */
  readonly instances?: number;
  /** It answers HTTP there with the number of lines so far. */
  readonly port?: number;
  /** The ecosystem file that it belongs to; null: it looks as started by hand. */
  readonly owner?: string | null;
}

export interface Writers {
  /** Resolves once the last line of all of them has come to its file: how many each has, and the longest time that one took, ms. */
  done(): Promise<{ written: Map<string, number>; tookMs: number }>;
  /** They end before their time. */
  stop(): void;
}

/** Starts numbered, checksummed lines (log-writer.js) under PM2; their files are NAME-out*.log. */
export async function startWriting(sandbox: Sandbox, writing: Writing): Promise<Writers> {
  const { name, directory, linesPerSecond, seconds, instances = 1, port = '', owner = OWN_FILE } = writing;
  mkdirSync(directory, { recursive: true });
  const done = join(sandbox.dir, `${name}.done`);
  const app = {
    name,
    script: join(ROOT, 'test/support/log-writer.js'),
    out_file: join(directory, `${name}-out.log`),
    error_file: join(directory, `${name}-err.log`),
    pmx: false,
    ...(instances > 1 ? { instances, exec_mode: 'cluster' } : { merge_logs: true }),
    ...(owner !== null && { [RECORD_KEY]: encodeRecord({ file: owner, role: 'backend', digests: {}, at: 1, envName: null }) }),
    env: { RATE: String(linesPerSecond / instances), SECONDS: String(seconds), DONE: done, PORT: String(port) },
  };
  const file = join(sandbox.dir, `${name}.json`);
  writeFileSync(file, JSON.stringify({ apps: [app] }));
  const { code, stdout, stderr } = await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), 'start', file]);
  if (code !== 0) throw new Error(`pm2 start: ${stdout}${stderr}`);
  const ids = Array.from({ length: instances }, (_, i) => String(i));
  return {
    stop: () => writeFileSync(`${done}.stop`, ''),
    done: async () => {
      await until('the last line', () => ids.every((id) => existsSync(`${done}.${id}`)), { deadlineMs: (seconds + 30) * 1000 });
      await until('the last line to arrive', quietFor(QUIET_MS, directory, `${name}-out`));
      const words = ids.map((id) => [id, ...readFileSync(`${done}.${id}`, 'utf8').split(' ').map(Number)] as const);
      return {
        written: new Map(words.map(([id, lines]) => [id, lines ?? 0])),
        tookMs: Math.max(...words.map(([, , ms]) => ms ?? 0)),
      };
    },
  };
}

/** PM2's daemon may have something of what came through the pipe in hand. */
const QUIET_MS = 500;

/** Whether no file of a directory whose name begins so has grown for a while. */
function quietFor(ms: number, directory: string, prefix: string): () => boolean {
  const sizeNow = () =>
    readdirSync(directory)
      .filter((name) => name.startsWith(prefix) && name.endsWith('.log'))
      .reduce((sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  let size = -1;
  let since = 0;
  return () => {
    if (sizeNow() !== size) since = performance.now();
    size = sizeNow();
    return performance.now() - since > ms;
  };
}

/** Rotates until nothing is left to be done: all lines are in archives or live files. */
export async function finish({ rotator }: RotationRig): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await rotator.settled();
    await rotator.tick();
  }
  await rotator.settled();
}
