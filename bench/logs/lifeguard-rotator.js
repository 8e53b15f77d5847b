// Rotates all logs of the daemon in PM2_HOME every second, as lifeguard does it, from the built package; when its stdin closes it finishes, and
// prints what it had to tell as JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../dist/src/clock/clock.js';
import { thisHost } from '../../dist/src/host/this-host.js';
import { Pm2Logs } from '../../dist/src/logs/pm2-logs.js';
import { createRotator } from '../../dist/src/logs/rotator.js';
import { connectPm2 } from '../../dist/src/pm2/daemon/client.js';
import { socketsOf } from '../../dist/src/pm2/home.js';
import { ownersIn } from '../../dist/src/pm2/ownership/own-apps.js';

const pm2Home = process.env.PM2_HOME;
const directory = process.env.LOGS;
const fallback = { directory, maxSizeBytes: 1e12, retainMs: 864e6, compress: true, maxTotalBytes: null, files: [] };
const config = { owner: process.env.OWNER, backends: [], companions: [], journal: `${directory}/incidents.jsonl` };
const host = thisHost({});
const pm2 = await connectPm2(pm2Home);
const logs = new Pm2Logs({ host, config, pm2Home, ownerOf: ownersIn(pm2Home), fallback });
const events = [];
const rotator = createRotator({
  host,
  sources: async () => logs.sources(await pm2.list()),
  exclusively: (work) => logs.exclusively(work),
  reload: () => pm2.reloadLogs(),
  busPath: socketsOf(pm2Home).bus,
  clock: systemClock,
  report: (event) => events.push(event),
});

let over = false;
process.stdin.resume().once('end', () => {
  over = true;
});
while (!over) {
  const began = performance.now();
  await rotator.rotateNow();
  await sleep(Math.max(0, 1000 - (performance.now() - began)));
}
for (let i = 0; i < 3; i++) {
  await rotator.settled();
  await rotator.tick();
}
await rotator.settled();
const count = (kind) => events.filter((event) => event.kind === kind && !event.path?.endsWith('pm2.log')).length;
console.log(JSON.stringify({ repaired: count('repaired'), unverified: count('unverified'), failed: count('failed') }));
logs.close();
pm2.close();
