import type { Backend } from '../backend/backend.ts';
import type { WorldEvent } from './event.ts';
import type { Monitor, World } from './world.ts';

/** What people want of one backend. */
export interface Wanted {
  /** By PM2's id: since when it is stopped by hand. */
  readonly stopped: Map<number, number>;
  /** Since when it is deleted by hand; null: it is not. */
  deletedAt: number | null;
  pause: { readonly from: number; readonly until: number } | null;
  /** It was paused when the clock was set, by which it is told how long that still lasts; or lifeguard was killed by the command. */
  perhapsPaused: boolean;
  /** Their commands that PM2 is still carrying out. */
  busy: number;
  /** When they last did something to it, and when they last asked lifeguard for a restart or a reset. */
  actedAt: number;
  commandedAt: number;
}

const LAST_MOMENT_MS = 2_000;

/** Keeps what people want: what they stopped, deleted, paused. */
export class Intent implements Monitor {
  readonly #world: World;
  readonly #wanted = new Map<string, Wanted>();
  /** By backend and PM2's id: what the bus lost or delayed since somebody began to stop something of that backend. */
  readonly #unheard = new Map<string, Set<string>>();
  /** By backend and PM2's id: lifeguard has had PM2 stop it, and it was not started since. */
  readonly #halted = new Set<string>();
  /** By backend: when somebody last began to stop it. By backend and PM2's id: when lifeguard last had it started. */
  readonly #stopBegunAt = new Map<string, number>();
  readonly #startedAt = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    for (const { plan } of world.backends) this.#wanted.set(plan.name, nothingWanted());
  }

  of(backend: Backend | string): Wanted {
    const name = typeof backend === 'string' ? backend : backend.plan.name;
    return this.#wanted.get(name) ?? nothingWanted();
  }

  /** Everything that PM2 has of it was stopped by hand, or it was deleted. */
  isDown(backend: Backend): boolean {
    const wanted = this.of(backend);
    const ids = this.#idsOf(backend.plan.name);
    return ids.length === 0 ? wanted.deletedAt !== null : ids.every((id) => wanted.stopped.has(id));
  }

  /** At this moment. */
  isPaused(backend: Backend | string): boolean {
    const { pause } = this.of(backend);
    return pause !== null && this.#world.clock.now() < pause.until;
  }

  /** Lifeguard may take it for paused. */
  mayBePaused(backend: Backend | string): boolean {
    return this.isPaused(backend) || this.of(backend).perhapsPaused;
  }

  on(event: WorldEvent): void {
    if (event.type === 'operator') this.#note(event);
    else if (event.type === 'call' && event.call.method === 'stopProcessId')
      this.#halted.add(keyOf(event.backend, event.call.pmId));
    else if (event.type === 'lifeguard' && event.what === 'ended') this.#forgetUnheard();
    else if (event.type === 'start') this.#started(event);
    else if (event.type === 'bus-trouble') this.#unheardOf(event).add(event.event);
    else if (event.type === 'daemon')
      for (const name of this.#wanted.keys())
        this.#wanted.set(name, { ...nothingWanted(), pause: this.of(name).pause, perhapsPaused: this.of(name).perhapsPaused });
    // How long a pause still lasts is told a successor by the wall clock: it may be over now, or last longer.
    else if (event.type === 'clock') for (const name of this.#wanted.keys()) this.#forgetPause(name);
  }

  #note({ backend, what, pmId, isDone, forMs, unanswered }: Extract<WorldEvent, { type: 'operator' }>): void {
    const wanted = this.#wanted.get(backend);
    if (!wanted) return;
    const now = this.#world.clock.now();
    const isHeard = (this.#world.life?.watchesSince ?? Number.POSITIVE_INFINITY) <= wanted.actedAt;
    wanted.busy = Math.max(0, wanted.busy + (isDone ? -1 : 1));
    wanted.actedAt = now;
    if (what === 'lifeguard restart' || what === 'lifeguard reset') wanted.commandedAt = now;
    // They want it to run, whatever becomes of that.
    if (what === 'lifeguard restart') wanted.stopped.clear();
    if (what === 'lifeguard resume') Object.assign(wanted, { pause: null, perhapsPaused: this.mayBePaused(backend) });
    if (!isDone && what === 'stop') {
      this.#forget(backend);
      this.#stopBegunAt.set(backend, now);
    }
    if (!isDone) return;
    if (what === 'lifeguard resume' || what === 'lifeguard pause') wanted.perhapsPaused = unanswered === true;
    if (what === 'stop')
      for (const { env } of this.#world.entriesOf(backend)) {
        if (typeof env.pm_id !== 'number' || (pmId !== null && env.pm_id !== pmId)) continue;
        if (env.status !== 'stopped' && !this.#isCaughtUpWith(backend, env.pm_id)) continue;
        // What lifeguard had stopped itself its successor goes on with: nothing tells it that they wanted that too.
        if (isHeard || !this.#halted.has(keyOf(backend, env.pm_id))) wanted.stopped.set(env.pm_id, now);
      }
    if (what === 'delete' && this.#idsOf(backend).length === 0) wanted.deletedAt = now;
    if (what === 'lifeguard pause' && !unanswered) wanted.pause = { from: now, until: now + (forMs ?? 0) };
  }

  /** What lifeguard was just having started while PM2 stopped it is to be stopped all the same. */
  #isCaughtUpWith(backend: string, pmId: number): boolean {
    const startedAt = this.#startedAt.get(keyOf(backend, pmId)) ?? Number.NEGATIVE_INFINITY;
    return startedAt >= (this.#stopBegunAt.get(backend) ?? Number.POSITIVE_INFINITY);
  }

  /** What was told in its last moment lifeguard has taken with it, where it had stopped the process itself. */
  #forgetUnheard(): void {
    for (const [name, { stopped }] of this.#wanted)
      for (const [pmId, at] of stopped)
        if (this.#world.clock.now() - at < LAST_MOMENT_MS && this.#halted.has(keyOf(name, pmId))) stopped.delete(pmId);
  }

  /** Without those of workers that are just being replaced: they go when their time is up. */
  #idsOf(name: string): readonly number[] {
    return this.#world.entriesOf(name).flatMap(({ env }) => (typeof env.pm_id === 'number' ? [env.pm_id] : []));
  }

  #forgetPause(name: string): void {
    const wanted = this.of(name);
    this.#wanted.set(name, { ...wanted, pause: null, perhapsPaused: wanted.perhapsPaused || this.isPaused(name) });
  }

  /** A start of lifeguard's that was on its way when somebody stopped it is against their will, and is to be undone. */
  #started({ backend, entry, by }: Extract<WorldEvent, { type: 'start' }>): void {
    const wanted = this.#wanted.get(backend);
    if (!wanted) return;
    wanted.deletedAt = null;
    const pmId = entry.env.pm_id;
    this.#halted.delete(keyOf(backend, pmId));
    if (by === 'lifeguard') this.#startedAt.set(keyOf(backend, pmId), this.#world.clock.now());
    if (typeof pmId === 'number' && (by !== 'lifeguard' || this.isUnknown(backend, pmId))) wanted.stopped.delete(pmId);
  }

  /** It was stopped by hand, and nothing told so of any of its processes. */
  isDownUnknown({ plan }: Backend): boolean {
    return this.#idsOf(plan.name).every((id) => this.isUnknown(plan.name, id));
  }

  /**
   * The bus lost both that the end was asked for and that it was a stop. What is left is PM2's second 'exit', which looks as that of a process
   * that ended by itself, and an app that stands still, as lifeguard has stopped it too: nothing of PM2's tells one from the other.
   * Of what stood still already, as lifeguard had stopped it, the one word is all that there is.
   */
  isUnknown(backend: string, pmId: number): boolean {
    const unheard = this.#unheardOf({ backend, pmId });
    return unheard.has('stop') && (unheard.has('exit') || this.#halted.has(keyOf(backend, pmId)));
  }

  #forget(backend: string): void {
    for (const key of this.#unheard.keys()) if (key.startsWith(`${backend} `)) this.#unheard.delete(key);
  }

  #unheardOf({ backend, pmId }: { readonly backend: string; readonly pmId: number | string }): Set<string> {
    const key = keyOf(backend, pmId);
    const known = this.#unheard.get(key) ?? new Set();
    this.#unheard.set(key, known);
    return known;
  }
}

function keyOf(backend: string | null, pmId: number | string | null | undefined): string {
  return `${backend} ${pmId}`;
}

function nothingWanted(): Wanted {
  return {
    stopped: new Map(),
    deletedAt: null,
    pause: null,
    perhapsPaused: false,
    busy: 0,
    actedAt: Number.NEGATIVE_INFINITY,
    commandedAt: Number.NEGATIVE_INFINITY,
  };
}
