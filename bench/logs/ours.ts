// Rotates all logs of the daemon in PM2_HOME once a second, as lifeguard does it, until its stdin closes; then prints what it had to tell as JSON.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock/clock.ts';
import type { LogPolicy } from '../../src/config/resolved.ts';
import type { LogEvent } from '../../src/logs/log-event.ts';
import { createRotator } from '../../src/logs/rotator.ts';
import { logSources } from '../../src/logs/sources.ts';
import { connectPm2 } from '../../src/pm2/client.ts';
import { socketsOf } from '../../src/pm2/home.ts';

const pm2Home = String(process.env.PM2_HOME);
const directory = String(process.env.LOGS);
const fallback: LogPolicy = { directory, maxSizeBytes: 1e9, retainMs: 864e6, compress: true, maxTotalBytes: null, files: [] };
const pm2 = await connectPm2(pm2Home);
const events: LogEvent[] = [];
const rotator = createRotator({
  sources: async () =>
    logSources({
      processes: await pm2.list(),
      config: { backends: [], companions: [], logsDirectory: join(directory, 'own') },
      pm2Home,
      fallback,
    }),
  reload: () => pm2.reloadLogs(),
  busPath: socketsOf(pm2Home).bus,
  clock: systemClock,
  report: (event) => events.push(event),
});

let over = false;
process.stdin.resume();
process.stdin.once('end', () => {
  over = true;
});
const rounds: number[] = [];
while (!over) {
  const began = performance.now();
  await rotator.rotateNow();
  rounds.push(Math.round(performance.now() - began));
  await sleep(Math.max(0, 1000 - (performance.now() - began)));
}
await rotator.settled();
await rotator.tick();
await rotator.settled();
const usage = process.resourceUsage();
console.log(
  JSON.stringify({
    rounds,
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    maxRssKb: usage.maxRSS,
    events: events.filter((event) => event.kind !== 'rotated' && event.kind !== 'archived'),
    rotated: events.filter((event) => event.kind === 'rotated').length,
  }),
);
pm2.close();
