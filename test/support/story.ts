import type { Action, JournalEntry } from '../../src/policy/action.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Event, PortHolder } from '../../src/policy/event.ts';
import type { Answer } from '../../src/policy/observation.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { type BackendState, initialState } from '../../src/policy/state.ts';
import type { StateName } from '../../src/policy/state-name.ts';
import { DEFAULTS } from './policies.ts';

/** One backend's life told event by event, for tests that read like the rule that they hold. Times in seconds. */
export class Story {
  state: BackendState;
  readonly policy: Policy;
  readonly actions: Action[] = [];
  now = 0;
  #n = 0;

  constructor(policy: Partial<Policy> = {}) {
    this.policy = { ...DEFAULTS, ...policy };
    this.state = initialState(this.policy, 0, 1);
  }

  /** Up and healthy at 100 s. */
  static healthy(policy: Partial<Policy> = {}): Story {
    return new Story(policy).at(99).online().at(100).ok();
  }

  /** Goes on at this time; a tick on the way shows what time alone does. */
  at(seconds: number): this {
    this.now = seconds * 1_000;
    return this;
  }

  event(event: Event): this {
    const decided = decide(this.state, event, this.policy, this.now);
    this.state = decided.state;
    this.actions.push(...decided.actions);
    return this;
  }

  tick(): this {
    return this.event({ type: 'tick' });
  }

  online(): this {
    this.#n += 1;
    return this.event({ type: 'online', incarnation: `${this.#n}@${this.now}`, startedAt: this.now });
  }

  /** A check's result; `since`: the second at which it was started. */
  check(liveness: Answer, readiness: Answer | null = null, since = this.now / 1_000): this {
    const observation = { liveness, readiness, startedAt: since * 1_000, incarnation: this.state.incarnation };
    return this.event({ type: 'check', observation });
  }

  ok(): this {
    return this.check(answer(200));
  }

  /** The same answer again and again, a quarter of a second apart, beginning now. */
  row(times: number, result: Answer, readiness: Answer | null = null): this {
    for (let i = 0; i < times; i++) this.at(this.now / 1_000 + (i === 0 ? 0 : 0.25)).check(result, readiness);
    return this;
  }

  crash(port: PortHolder | null = null, lastError: string | null = null): this {
    return this.event({ type: 'exit', by: 'nobody', exit: { code: 1, signal: null, oom: false, lastError }, port });
  }

  done(action: 'restart' | 'kill' | 'stop' | 'start'): this {
    return this.event({ type: 'performed', action, error: null });
  }

  database(up: boolean): this {
    return this.event({ type: 'dependency', name: 'database', up, detail: '' });
  }

  command(name: 'restart' | 'resume' | 'reset'): this {
    return this.event({ type: 'command', command: { name } });
  }

  pause(seconds: number): this {
    return this.event({ type: 'command', command: { name: 'pause', forMs: seconds * 1_000 } });
  }

  /** What PM2 was asked to do since this was last asked, such as `kill hang`. */
  driven(): string[] {
    const driven = this.actions.flatMap((action) => {
      if (action.type === 'journal') return [];
      return 'cause' in action ? [`${action.type} ${action.cause}`] : [action.type];
    });
    this.actions.length = 0;
    return driven;
  }

  /** The journal since it was last asked, such as `hold dependency-down`. */
  said(): string[] {
    const said = this.lines().map(({ what, reason }) => `${what} ${reason.code}`);
    this.actions.length = 0;
    return said;
  }

  lines(): JournalEntry[] {
    return this.actions.flatMap((action) => (action.type === 'journal' ? [action.entry] : []));
  }

  get name(): StateName {
    return this.state.name;
  }
}

export function answer(status: number, more: Partial<Extract<Answer, { kind: 'answer' }>> = {}): Answer {
  return { kind: 'answer', status, latencyMs: 2, retryAfterMs: null, json: null, excerpt: '', ...more };
}

export const REFUSED: Answer = { kind: 'refused', latencyMs: 1 };
export const TIMEOUT: Answer = { kind: 'timeout', latencyMs: 5_000 };
export const BROKEN: Answer = { kind: 'broken', code: 'ECONNRESET', latencyMs: 1 };
export const VOID: Answer = { kind: 'void', why: 'late-event-loop', detail: '' };
export const DOWN: Answer = answer(503);
export const DATABASE = { dependencies: [{ name: 'database', field: 'services.database' }] };
export const STRANGER: PortHolder = { kind: 'stranger', pid: 7, command: 'nc -l 5555' };
export const ORPHAN: PortHolder = { kind: 'orphan', pid: 8, command: 'node server.js' };
