import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type HistoryKeeper, keepHistory } from '../../../src/dashboard/history/keeper.ts';
import { readSlots, ringFile, writeSlot } from '../../../src/dashboard/history/ring-file.ts';
import { SLOT_MS, SLOTS_KEPT, type Slot, slotAt } from '../../../src/dashboard/history/slot.ts';
import type { StateName } from '../../../src/policy/state-name.ts';
import { answer } from '../../support/story.ts';

const BEGIN = 1_795_000_000_000 - (1_795_000_000_000 % SLOT_MS);

let folder = '';
const file = () => ringFile(folder, 'api');

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'lifeguard-history-')), 'history');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

test('what is observed is counted by the second; what lies between two lifeguards is not observed, and not up', () => {
  const life = new Life();
  life.pass(100, 'healthy').pass(20, 'unhealthy').pass(30, 'degraded').pass(50, 'stopped');
  life.keeper.onCheck('api', { liveness: answer(200, { latencyMs: 12 }) });
  life.keeper.stop();
  life.wall += 300_000;
  const next = new Life(life.wall);
  next.pass(60, 'healthy');
  const { wellS, downS, impairedS, p95Ms } = next.keeper.current('api');
  assert.deepEqual([wellS, downS, impairedS].map(Math.round), [160, 20, 30]);
  assert.ok(p95Ms !== null && Math.abs(p95Ms - 12) < 1, `${p95Ms}`);
});

test('a crash of lifeguard costs a minute of history at most', () => {
  const life = new Life();
  life.pass(150, 'healthy');
  const [kept] = readSlots(file(), slotAt(BEGIN), slotAt(BEGIN));
  assert.ok(kept && kept.wellS >= 90 && kept.wellS <= 150, `${kept?.wellS}`);
});

test('a machine that slept was not observed', () => {
  const life = new Life();
  life.pass(10, 'healthy');
  life.sleep(600_000);
  life.pass(10, 'healthy');
  assert.equal(Math.round(life.keeper.current('api').wellS), 20);
});

test('after 16 minutes a slot is written whole, and the next begins', () => {
  const life = new Life();
  life.pass(SLOT_MS / 1_000 + 5, 'healthy');
  const [first] = readSlots(file(), slotAt(BEGIN), slotAt(BEGIN));
  assert.ok(first && first.wellS > 955 && first.wellS <= 960, `${first?.wellS}`);
  assert.ok(life.keeper.current('api').wellS < 10);
});

test('30 days are kept in 32 KB, for ever: the newest takes the place of the oldest', () => {
  const last = 2 * SLOTS_KEPT + 17;
  for (let slot = 17; slot <= last; slot++) writeSlot(file(), slotOf(slot));
  assert.ok(statSync(file()).size <= 32_500);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  const kept = readSlots(file(), 0, last);
  assert.equal(kept.length, SLOTS_KEPT);
  assert.deepEqual(kept.at(-1), slotOf(last));
  assert.equal(kept[0]?.slot, last - SLOTS_KEPT + 1);
});

test('a file that is none, or is cut off, is no history and is written anew', () => {
  writeSlot(file(), slotOf(5));
  writeFileSync(file(), readFileSync(file()).subarray(0, 20));
  assert.deepEqual(readSlots(file(), 1, 10), []);
  writeFileSync(file(), 'not a history');
  assert.deepEqual(readSlots(file(), 1, 10), []);
  writeSlot(file(), slotOf(6));
  assert.deepEqual(readSlots(file(), 1, 10), [slotOf(6)]);
});

function slotOf(slot: number): Slot {
  return { slot, wellS: 900, impairedS: 50, downS: 10, restarts: 2, p95Ms: null };
}

/** A lifeguard that watches `api`, on a clock that a test moves. */
class Life {
  readonly keeper: HistoryKeeper;
  wall: number;
  #state: StateName = 'healthy';
  #now = 0;

  constructor(wall = BEGIN) {
    this.wall = wall;
    const clock = { now: () => this.#now, wallNow: () => this.wall };
    this.keeper = keepHistory({ folder, names: ['api'], clock, say: (text) => assert.fail(text) });
    this.keeper.beat(() => this.#state);
  }

  pass(seconds: number, state: StateName): this {
    this.#state = state;
    for (let i = 0; i < seconds; i++) this.#step(1_000);
    return this;
  }

  sleep(ms: number): void {
    this.#step(ms);
  }

  #step(ms: number): void {
    this.#now += ms;
    this.wall += ms;
    this.keeper.beat(() => this.#state);
  }
}
