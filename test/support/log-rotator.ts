// Rotates the logs of the daemon in PM2_HOME again and again (EVERY ms), as the lifeguard of the ecosystem file OWNER, until it is killed or its
// stdin closes; then it finishes and prints what it had to tell, and what it took, as JSON. A line 'ready' on stdout after the first rotation.
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, rotationOf } from './log-rotation.ts';

const everyMs = Number(process.env.EVERY);
const rig = await rotationOf(
  String(process.env.PM2_HOME),
  String(process.env.LOGS),
  process.env.OWNER ? { owner: process.env.OWNER } : {},
);
let over = false;
process.stdin.resume();
process.stdin.once('end', () => {
  over = true;
});
const rounds: number[] = [];
while (!over) {
  const began = performance.now();
  await rig.rotator.rotateNow();
  if (rounds.length === 0) console.log('ready');
  rounds.push(Math.round(performance.now() - began));
  await sleep(Math.max(0, everyMs - (performance.now() - began)));
}
await finish(rig);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const telling = rig.events.filter(({ kind }) => kind !== 'rotated' && kind !== 'archived');
console.log(JSON.stringify({ rounds, cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMb: maxRSS / 1024, events: telling }));
rig.close();
