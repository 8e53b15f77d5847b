import type { Backend } from '../backend/backend.ts';
import type { WorldEvent } from '../world/event.ts';
import type { Monitor } from '../world/world.ts';
import { type Invariant, isPm2Unwilling, type Scene } from './scene.ts';

/** PM2's thread was blocked for so long that its own restart, 100 ms after a crash, came before it could read a stop. */
const BLOCKED_MS = 80;
const JUST_NOW_MS = 150;
/** So many starts at a port that is free again are not counted, within one window. */
const MAX_AFTER_PORT = 4;
const ALL = '';
/** No `within` is longer, in any world. */
const LONGEST_WINDOW_MS = 7_200_000;
/** PM2's own restarts are up to so much later than the end that nobody saw. */
const PM2_STARTS_LATER_MS = 20_000;
/** A start belongs to a line that was written so shortly before, and what goes one after the other takes its time. */
const LINE_TO_START_MS = 30_000;

/**
 * In any window of `within` no process is started more often than `max_restarts`, whoever starts it, as long as lifeguard watches and may act. What
 * lifeguard cannot know of is allowed for: a crash whose message is lost, or that happens in its last moment, may be followed by one
 * start more.
 */
export const limit: Invariant = (scene) => new Limit(scene);

class Limit implements Monitor {
  readonly #scene: Scene;
  /** When each process was started, by app and PM2's id. */
  readonly #starts = new Map<string, number[]>();
  /** When something was beyond lifeguard's knowledge, likewise; under the app's name for all of its processes, under ALL for all. */
  readonly #excuses = new Map<string, number[]>();
  /** How many restarts of an app its last line counts. */
  readonly #counted = new Map<string, number>();
  /** The last line of an app's restart that is not counted: its port is free, an operator asked for it, or a dependency is at fault. */
  readonly #uncounted = new Map<
    string,
    { readonly at: number; readonly isAsked: boolean; readonly used: Set<number | string> }
  >();
  readonly #afterPort = new Map<string, number[]>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  on(event: WorldEvent): void {
    switch (event.type) {
      case 'start':
        if (event.by === 'operator' || event.by === 'boot') this.#forget(event.backend);
        else if (this.#counts(event)) this.#count(event.backend, event.entry.env.pm_id);
        return;
      case 'journal':
        if (event.entry.what === 'restart') this.#noteLine(event);
        if (this.#isTakenOff(event) || this.#isBlocked(event))
          for (const key of this.#starts.keys()) if (key.startsWith(`${event.backend} `)) this.#add(this.#excuses, key);
        this.#counted.set(event.backend, event.entry.restarts);
        return;
      case 'bus-trouble':
        this.#add(this.#excuses, `${event.backend} ${event.pmId}`);
        return;
      case 'lifeguard':
        // What ended before it watched ended unseen, though PM2 starts it later.
        if (event.what === 'watches') this.#add(this.#excuses, ALL);
        return;
      case 'operator':
        this.#forget(event.backend);
        // What was under way is carried out after it.
        if (this.#scene.world.isHandled(event.backend)) this.#add(this.#excuses, event.backend);
        return;
      case 'clock':
      case 'daemon':
        this.#starts.clear();
    }
  }

  #counts({ backend, by, entry }: Extract<WorldEvent, { type: 'start' }>): boolean {
    const { world, disturbance, intent } = this.#scene;
    if (disturbance.watchesSince === null || world.life?.loop.isBlocked || intent.mayBePaused(backend)) return false;
    if (by === 'lifeguard') return !this.#isUncounted(backend, entry.env.pm_id);
    // A worker that is just being replaced is PM2's own, until its time is up.
    if (typeof entry.env.pm_id !== 'number') return false;
    return !isPm2Unwilling(world) && !world.god?.loop.wasBlocked(BLOCKED_MS, JUST_NOW_MS);
  }

  /** The first death of an outage is taken off the count, as soon as it is known to be one. */
  #isTakenOff({ backend, entry: { what, reason, restarts } }: Extract<WorldEvent, { type: 'journal' }>): boolean {
    if (reason.code !== 'dependency-down') return false;
    return what === 'hold' || (what === 'restart' && restarts < (this.#counted.get(backend) ?? 0));
  }

  /** A stranger has the port: what PM2 started at the crash that made room for it is taken off the count, as the start at the free port is. */
  #isBlocked({ backend, entry }: Extract<WorldEvent, { type: 'journal' }>): boolean {
    const known = this.#scene.world.byName.get(backend);
    if (entry.what !== 'blocked' || !known) return false;
    return this.#within(this.#afterPort, backend, windowMs(known)) < MAX_AFTER_PORT;
  }

  #noteLine({ backend, entry }: Extract<WorldEvent, { type: 'journal' }>): void {
    const isForDependency = entry.reason.code === 'dependency-down' && entry.cause === 'crash';
    const isAsked = entry.cause === 'operator' || isForDependency;
    // The end that left an orphan on its port is counted, or was the daemon's own.
    const isForPort = entry.reason.code === 'port-free' || entry.reason.code === 'orphan';
    if (isAsked || isForPort) this.#uncounted.set(backend, { at: this.#now(), isAsked, used: new Set() });
    else this.#uncounted.delete(backend);
  }

  #isUncounted(name: string, pmId: number | string): boolean {
    const line = this.#uncounted.get(name);
    const backend = this.#scene.world.byName.get(name);
    if (!backend || line === undefined || line.used.has(pmId)) return false;
    if (this.#now() - line.at > LINE_TO_START_MS + oneByOneMs(backend)) return false;
    line.used.add(pmId);
    if (line.isAsked) return true;
    if (this.#within(this.#afterPort, name, windowMs(backend)) >= MAX_AFTER_PORT) return false;
    this.#add(this.#afterPort, name);
    return true;
  }

  #count(name: string, pmId: number | string): void {
    const { world } = this.#scene;
    const backend = world.byName.get(name);
    if (!backend) return;
    const key = `${name} ${pmId}`;
    this.#add(this.#starts, key);
    const ms = windowMs(backend);
    const count = this.#within(this.#starts, key, ms);
    const excused = [key, name, ALL].reduce(
      (sum, about) => sum + this.#within(this.#excuses, about, ms + PM2_STARTS_LATER_MS),
      0,
    );
    const { maxRestarts } = backend.plan.rules;
    if (count > maxRestarts + excused)
      world.fail(
        'the limit holds',
        name,
        `${count} starts of ${pmId} within ${ms / 1_000} s: ${maxRestarts} are the limit, ${excused} excused`,
      );
  }

  #now(): number {
    return this.#scene.world.clock.now();
  }

  #add(times: Map<string, number[]>, key: string): void {
    const now = this.#now();
    const list = (times.get(key) ?? []).filter((at) => now - at < LONGEST_WINDOW_MS);
    times.set(key, [...list, now]);
  }

  #within(times: Map<string, number[]>, key: string, ms: number): number {
    // Not forgotten: what is of several backends is asked for by windows of different lengths.
    return (times.get(key) ?? []).filter((at) => this.#now() - at < ms).length;
  }

  #forget(name: string): void {
    for (const key of [...this.#starts.keys()]) if (key.startsWith(`${name} `)) this.#starts.delete(key);
  }
}

/** Between a decision and the start lie drains and boots: the starts may be nearer to each other than the decisions by that. */
function windowMs(backend: Backend): number {
  const { withinMs } = backend.plan.rules;
  return withinMs - Math.min(oneByOneMs(backend) + 5_000, withinMs / 2);
}

function oneByOneMs({ plan: { rules, shape } }: Backend): number {
  const { killTimeoutMs, startupTimeoutMs, instances } = rules;
  return (killTimeoutMs + (shape === 'cluster' ? startupTimeoutMs : 0)) * instances;
}
