import type { Action, JournalEntry, OperationKind } from '../../src/policy/action.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Ended, Event, PortHolder, SeenChild } from '../../src/policy/event.ts';
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
  /** What PM2 knows of its processes. */
  children: SeenChild[] = [];
  /** PM2 is not asked yet for what is decided: evidence is gathered first. */
  gathersEvidence = false;
  #operation = 0;

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
    this.now = Math.round(seconds * 1_000);
    return this;
  }

  /** What is known of PM2 and the port is always fresh here. */
  event(event: Event): this {
    this.#decide({ type: 'looked', askedAt: this.now });
    return this.#decide(event);
  }

  #decide(event: Event): this {
    const decided = decide(this.state, event, this.policy, this.now);
    this.state = decided.state;
    this.actions.push(...decided.actions);
    for (const action of decided.actions) {
      if (action.type !== 'operation') continue;
      this.#operation = action.id;
      if (!this.gathersEvidence) this.asked();
    }
    return this;
  }

  tick(): this {
    return this.event({ type: 'tick' });
  }

  /** A new process of this child is up. */
  online(pmId = 0, eager = true): this {
    return this.seen(pmId, { incarnation: `${pmId}@${this.now}`, phase: 'up', upAt: this.now, eager });
  }

  /** PM2 is known to have this of a child, from now on. */
  seen(pmId: number, what: Partial<SeenChild>, ended: readonly Ended[] = [], byHand: readonly number[] = []): this {
    const before = this.children.find((child) => child.pmId === pmId);
    const fresh = { pmId, incarnation: `${pmId}@${this.now}`, phase: 'up', upAt: this.now, eager: true } as const;
    const child: SeenChild = { ...(before ?? fresh), ...what };
    this.children = before ? this.children.map((other) => (other === before ? child : other)) : [...this.children, child];
    return this.event({ type: 'processes', children: this.children, ended, byHand });
  }

  /** An operator has PM2 stop it, by its command. */
  stoppedByHand(pmId = 0): this {
    return this.seen(pmId, { phase: 'stopped' }, [], [pmId]);
  }

  /** A check's result; `since`: the second at which it was started. */
  check(liveness: Answer, readiness: Answer | null = null, since = this.now / 1_000): this {
    return this.event({ type: 'check', observation: { liveness, readiness, startedAt: since * 1_000 } });
  }

  ok(): this {
    return this.check(answer(200));
  }

  /** The same answer again and again, a quarter of a second apart, beginning now. */
  row(times: number, result: Answer, readiness: Answer | null = null): this {
    for (let i = 0; i < times; i++) this.at(this.now / 1_000 + (i === 0 ? 0 : 0.25)).check(result, readiness);
    return this;
  }

  crash(port: PortHolder | null = null, lastError: string | null = null, pmId = 0): this {
    const { incarnation = '' } = this.children.find((child) => child.pmId === pmId) ?? {};
    this.seen(pmId, { phase: 'down' }, [{ pmId, incarnation, asked: false, code: 1 }]);
    if (port !== null) this.event({ type: 'port', holder: port });
    return this.event({ type: 'explained', incarnation, exit: { code: 1, signal: null, oom: false, lastError } });
  }

  /** PM2 is asked for the last operation. */
  asked(): this {
    return this.#decide({ type: 'asked', id: this.#operation });
  }

  /** PM2 has done the last operation; of a stop it is known at once what came of it. */
  done(kind: OperationKind, error: string | null = null, late = false): this {
    const { operation } = this.state;
    if (operation !== null && error === null && (kind === 'stop' || kind === 'halt'))
      this.children = this.children.map((child) =>
        child.pmId === operation.target.pmId ? { ...child, phase: 'stopped' } : child,
      );
    return this.event({ type: 'performed', id: this.#operation, error, late });
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
      if (action.type !== 'operation') return [action.type];
      return action.kind === 'stop' ? ['stop'] : [`${action.kind} ${action.cause}`];
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
