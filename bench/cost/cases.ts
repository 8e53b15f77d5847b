import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beatSocket } from '../../src/health/heartbeat/beat-socket.ts';
import { until } from '../../test/support/poll.ts';
import { freePort } from '../../test/support/port.ts';
import { processesOf, ROOT } from '../../test/support/sandbox.ts';
import { backend, startLifeguard } from '../recovery/contenders/lifeguard.ts';
import { pm2 } from '../recovery/contenders/pm2.ts';
import { installWatchdog } from '../recovery/contenders/pm2-watchdog.ts';
import { Victim } from '../recovery/victim.ts';
import { Room } from '../room.ts';
import type { Options } from './options.ts';
import { type Checks, Stub } from './stub.ts';
import { type Usage, usageOf } from './usage.ts';

const INTERVAL_MS = 1_000;
const LATE_MS = 250;
const ENDPOINTS = 1_000;
const WORKERS = 200;
const BEAT_EVERY_MS = 5_000;
/** Nothing is to be told meanwhile. */
const CHANNELS = [
  { type: 'webhook', url: 'http://127.0.0.1:9/' },
  { type: 'email', smtp: 'smtp://127.0.0.1:9', from: 'a@example.org', to: ['b@example.org'] },
];

export interface Measured {
  readonly usage: Usage;
  /** null: each backend is a process of its own, and nobody counted. */
  readonly checks: Checks | null;
}

export interface Case {
  readonly name: string;
  readonly target?: { readonly cpu: number; readonly rssBytes: number; readonly lateMs: number };
  measure(windowMs: number): Promise<Measured>;
}

/** What there is to measure, in this order. */
export function casesOf({ only, warmUpMs, pm2Watchdog }: Options): Case[] {
  const all: Record<string, Case> = {
    'lifeguard-1': {
      name: 'lifeguard, 1 backend',
      target: { cpu: 0.005, rssBytes: 60e6, lateMs: LATE_MS },
      measure: (windowMs) => withBackends(1, warmUpMs, windowMs, (room, victims) => lifeguardFor(room, victims)),
    },
    'lifeguard-1-bare': {
      name: 'lifeguard, 1 backend, no page and no metrics',
      measure: (windowMs) => withBackends(1, warmUpMs, windowMs, (room, victims) => lifeguardFor(room, victims, { bare: true })),
    },
    'lifeguard-1-told': {
      name: 'lifeguard, 1 backend, two channels',
      target: { cpu: 0.006, rssBytes: 66e6, lateMs: LATE_MS },
      measure: (windowMs) =>
        withBackends(1, warmUpMs, windowMs, (room, victims) => lifeguardFor(room, victims, { alerts: CHANNELS })),
    },
    'lifeguard-1-workers': {
      name: 'lifeguard, 1 backend with two workers (gunicorn)',
      target: { cpu: 0.006, rssBytes: 62e6, lateMs: LATE_MS },
      measure: (windowMs) => withGunicorn(warmUpMs, windowMs),
    },
    'lifeguard-20': {
      name: 'lifeguard, 20 backends',
      target: { cpu: 0.03, rssBytes: 75e6, lateMs: LATE_MS },
      measure: (windowMs) => withBackends(20, warmUpMs, windowMs, (room, victims) => lifeguardFor(room, victims)),
    },
    'lifeguard-1000': {
      name: `lifeguard, ${ENDPOINTS} endpoints`,
      target: { cpu: 0.2, rssBytes: 130e6, lateMs: LATE_MS },
      measure: (windowMs) => withEndpoints(ENDPOINTS, warmUpMs, windowMs),
    },
  };
  for (const [kind, of] of [
    ['exec', 'check commands, each every 5 s'],
    ['beats', 'heartbeats, each every 5 s'],
  ] as const)
    all[`lifeguard-${kind}-200`] = {
      name: `lifeguard, ${WORKERS} ${of}`,
      target: { cpu: kind === 'exec' ? 0.4 : 0.1, rssBytes: 110e6, lateMs: LATE_MS },
      measure: (windowMs) => withWorkers(kind, warmUpMs, windowMs),
    };
  for (const count of pm2Watchdog === null ? [] : [1, 20]) {
    all[`pm2-watchdog-${count}`] = {
      name: `pm2-watchdog, ${count} backend${count === 1 ? '' : 's'}`,
      measure: (windowMs) =>
        withBackends(count, warmUpMs, windowMs, (room, victims) => watchdogFor(room, victims, pm2Watchdog ?? '')),
    };
  }
  return Object.entries(all).flatMap(([key, each]) => ((only?.includes(key) ?? true) ? [each] : []));
}

/** Real backends, each a process of its own under PM2. @param start starts them and their watcher, and returns the watcher's pid */
async function withBackends(
  count: number,
  warmUpMs: number,
  windowMs: number,
  start: (room: Room, victims: readonly Victim[]) => Promise<number>,
): Promise<Measured> {
  const room = new Room();
  const victims = await Promise.all(Array.from({ length: count }, () => Victim.create()));
  try {
    const pid = await start(room, victims);
    await sleep(warmUpMs);
    return { usage: await usageOf(pid, windowMs), checks: null };
  } finally {
    await room.close();
    for (const victim of victims) victim.close();
  }
}

/** Debian's gunicorn, whose two workers are watched one by one. */
async function withGunicorn(warmUpMs: number, windowMs: number): Promise<Measured> {
  const room = new Room();
  const port = await freePort();
  const run = { command: `/usr/bin/gunicorn -w 2 -b 127.0.0.1:${port} wsgi_app:app`, cwd: join(ROOT, 'test/fixtures/servers') };
  try {
    const health = { liveness: '/', readiness: '/' };
    await startLifeguard(room, [{ name: 'backend-0', run, port, health }], { port: await freePort() });
    const pid = await watcherIn(room, /lifeguard\.probe/);
    await sleep(warmUpMs);
    return { usage: await usageOf(pid, windowMs), checks: null };
  } finally {
    await room.close();
  }
}

/**
 * As many apps of a real PM2, each the process `sleep`, as a thousand Node servers do not fit on a small machine. One server answers their
 * health checks, each at a path of its own.
 */
async function withEndpoints(count: number, warmUpMs: number, windowMs: number): Promise<Measured> {
  const room = new Room();
  const stub = await Stub.start(room, INTERVAL_MS);
  try {
    const backends = Array.from({ length: count }, (_, i) => ({
      name: `endpoint-${i}`,
      run: { command: 'sleep 1000000' },
      health: { liveness: `http://127.0.0.1:${stub.port}/${i}`, readiness: null },
    }));
    await startLifeguard(room, backends, { port: await freePort() });
    await sleep(warmUpMs);
    stub.startCounting();
    const usage = await usageOf(await watcherIn(room, /lifeguard\.probe/), windowMs);
    return { usage, checks: await stub.report() };
  } finally {
    stub.stop();
    await room.close();
  }
}

/**
 * As many apps of a real PM2, each the process `sleep`: asked by a command, or with a heartbeat, a new connection each, which this process
 * makes for all of them.
 */
async function withWorkers(kind: 'exec' | 'beats', warmUpMs: number, windowMs: number): Promise<Measured> {
  const room = new Room();
  const liveness = kind === 'exec' ? { exec: { command: '/bin/true', interval: '5s' } } : { heartbeat: { within: '30s' } };
  const names = Array.from({ length: WORKERS }, (_, i) => `worker-${i}`);
  const backends = names.map((name) => ({ name, run: { command: 'sleep 1000000' }, health: { liveness } }));
  const beats = names.map((name, i) =>
    setInterval(() => kind === 'beats' && beat(beatSocket(room.pm2Home, name)), BEAT_EVERY_MS + i),
  );
  try {
    await startLifeguard(room, backends, { port: await freePort() });
    const pid = await watcherIn(room, /lifeguard\.probe/);
    await sleep(warmUpMs);
    return { usage: await usageOf(pid, windowMs), checks: null };
  } finally {
    for (const timer of beats) clearInterval(timer);
    await room.close();
  }
}

function beat(path: string): void {
  const socket = connect(path, () => socket.end('.')).on('error', () => {});
}

async function lifeguardFor(
  room: Room,
  victims: readonly Victim[],
  { bare = false, alerts = [] }: { readonly bare?: boolean; readonly alerts?: readonly unknown[] } = {},
): Promise<number> {
  await startLifeguard(
    room,
    victims.map((victim, i) => backend(`backend-${i}`, victim)),
    bare ? null : { port: await freePort() },
    alerts,
  );
  return watcherIn(room, /lifeguard\.probe/);
}

async function watchdogFor(room: Room, victims: readonly Victim[], folder: string): Promise<number> {
  const apps = victims.map(({ script, args }, i) => ({ name: `backend-${i}`, script, args }));
  await pm2(room, ['start', room.write('apps.json', JSON.stringify({ apps }))]);
  await installWatchdog(
    room,
    folder,
    'fastest',
    victims.map((victim, i) => [`backend-${i}`, victim]),
  );
  return watcherIn(room, /pm2-watchdog/);
}

function watcherIn(room: Room, command: RegExp): Promise<number> {
  return until(`a process that matches ${command}`, () => {
    const found = processesOf(room.pm2Home).filter((process) => !/God Daemon/.test(process.command));
    return found.find((process) => command.test(process.command))?.pid;
  });
}
