// node --import tsx test/support/teller-child.ts FOLDER CHANNELS COUNT: writes a journal of so many short troubles, each with its end,
// and tells of them, until everything is told. Killed and started again it goes on where it was.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageChannel } from '../../src/config/resolved.ts';
import { readIncidents } from '../../src/incidents/read-incidents.ts';
import { HASTY, Teller } from './alerting.ts';

const [folder = '', channels = '[]', count = '0'] = process.argv.slice(2);
// However slow the machine is: nothing is given up, and a channel that often fails is no trouble of its own, which would end after a quiet hour.
const PATIENT = { ...HASTY, giveUpMs: 86_400_000, failingMs: 86_400_000 };
const teller = new Teller(folder, JSON.parse(channels) as MessageChannel[], PATIENT);
teller.start();
console.log('ready');

const written = new Set(readIncidents(teller.journal, 100_000).map(({ backend, what }) => `${backend} ${what}`));
for (let n = 0; n < Number(count); n++) {
  const name = `t${n}`;
  if (!written.has(`${name} hold`)) teller.begin(name);
  await sleep(Math.random() * 150);
  if (!written.has(`${name} recover`)) teller.end(name);
  await sleep(Math.random() * 60);
}
while (!isAllTold()) await sleep(50);
console.log(`told all; ${teller.said.length} lines said`);
process.exit(0);

function isAllTold(): boolean {
  const files = join(folder, 'alerts');
  if (!existsSync(join(files, 'plan.json'))) return false;
  const { state, outgoing } = JSON.parse(readFileSync(join(files, 'plan.json'), 'utf8')) as {
    state: { alerts: unknown[] };
    outgoing: unknown[];
  };
  const queues = readdirSync(files).filter((name) => /^queue-.*\.json$/.test(name));
  const waiting = queues.flatMap(
    (name) => (JSON.parse(readFileSync(join(files, name), 'utf8')) as { entries: unknown[] }).entries,
  );
  return state.alerts.length + outgoing.length + waiting.length === 0 && queues.length === JSON.parse(channels).length;
}
