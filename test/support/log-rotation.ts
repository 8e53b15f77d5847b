import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/clock/clock.ts';
import type { LogPolicy } from '../../src/config/resolved.ts';
import type { Host } from '../../src/host/host.ts';
import { MARKER } from '../../src/host/orphans/marker.ts';
import { thisHost } from '../../src/host/this-host.ts';
import type { LogEvent } from '../../src/logs/log-event.ts';
import { Pm2Logs } from '../../src/logs/pm2-logs.ts';
import { createRotator, type Rotator } from '../../src/logs/rotator.ts';
import { connectPm2 } from '../../src/pm2/daemon/client.ts';
import { socketsOf } from '../../src/pm2/home.ts';
import { until } from './poll.ts';
import { ROOT, type Sandbox } from './sandbox.ts';

/** A rotator for all logs of a sandbox's daemon, as lifeguard wires it. */
export interface RotationRig {
  readonly rotator: Rotator;
  readonly events: readonly LogEvent[];
  close(): void;
}

export interface RigOptions extends Partial<LogPolicy> {
  /** The apps of this lifeguard's project. */
  readonly apps?: readonly string[];
  readonly host?: Host;
  /** Where rules of logrotate are looked for: nowhere. */
  readonly logrotatePlaces?: readonly string[];
}

export async function rotationOf(
  pm2Home: string,
  directory: string,
  { apps = ['w'], host = thisHost(process.env), logrotatePlaces = [], ...policy }: RigOptions = {},
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
  const companions = apps.map((name) => ({ name, logs: whole }));
  const config = { backends: [], companions, journal: join(directory, 'incidents.jsonl') };
  const logs = new Pm2Logs({ host, config, pm2Home, fallback: whole, logrotatePlaces });
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
  /** It carries the mark of an app that some lifeguard's launcher started. */
  readonly marked?: boolean;
}

export interface Writers {
  /** Resolves once all have written their last line: how many each has, and the longest time that one took, ms. */
  done(): Promise<{ written: Map<string, number>; tookMs: number }>;
  /** They end before their time. */
  stop(): void;
}

/** Starts numbered, checksummed lines (log-writer.js) under PM2; their files are NAME-out*.log. */
export async function startWriting(sandbox: Sandbox, writing: Writing): Promise<Writers> {
  const { name, directory, linesPerSecond, seconds, instances = 1, port = '', marked = false } = writing;
  mkdirSync(directory, { recursive: true });
  const done = join(sandbox.dir, `${name}.done`);
  const env = {
    ...sandbox.env,
    RATE: String(linesPerSecond / instances),
    SECONDS: String(seconds),
    DONE: done,
    PORT: String(port),
    ...(marked && { [MARKER]: name }),
  };
  const files = ['-o', join(directory, `${name}-out.log`), '-e', join(directory, `${name}-err.log`)];
  const cluster = instances > 1 ? ['-i', String(instances)] : ['--merge-logs'];
  const pm2 = join(ROOT, 'node_modules/pm2/bin/pm2');
  const args = [pm2, 'start', join(ROOT, 'test/support/log-writer.js'), '--name', name, '--no-pmx', ...files, ...cluster];
  const { code, stdout, stderr } = await sandbox.run(process.execPath, args, { env });
  if (code !== 0) throw new Error(`pm2 start: ${stdout}${stderr}`);
  const ids = Array.from({ length: instances }, (_, i) => String(i));
  return {
    stop: () => writeFileSync(`${done}.stop`, ''),
    done: async () => {
      await until('the last line', () => ids.every((id) => existsSync(`${done}.${id}`)), { deadlineMs: (seconds + 30) * 1000 });
      const words = ids.map((id) => [id, ...readFileSync(`${done}.${id}`, 'utf8').split(' ').map(Number)] as const);
      return {
        written: new Map(words.map(([id, lines]) => [id, lines ?? 0])),
        tookMs: Math.max(...words.map(([, , ms]) => ms ?? 0)),
      };
    },
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
