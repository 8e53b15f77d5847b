import type { Answer } from '../../../src/policy/observation.ts';
import type { SimProcess } from '../machine/machine.ts';
import type { Backend, Ground, Running } from './backend.ts';

export type Address = 'liveness' | 'readiness';

/** What one request meets: an answer after a while, or none. `by`: the process that it waits for; its end breaks the connection. */
export interface Met {
  readonly afterMs: number;
  /** null: it is never answered. */
  readonly answer: Answer | null;
  readonly by: SimProcess | null;
}

const REFUSED_MS = 0.5;

/** Makes a request of whoever listens on this backend's port. */
export function meet(backend: Backend, address: Address, ground: Ground): Met {
  const listener = ground.ports.at(backend.plan.port);
  switch (listener?.kind) {
    case undefined:
      return { afterMs: REFUSED_MS, answer: { kind: 'refused', latencyMs: REFUSED_MS }, by: null };
    case 'stranger':
      return { afterMs: 2, answer: listener.stranger.status === null ? null : answerOf(listener.stranger.status, 2), by: null };
    case 'workers':
      return askProcess(backend, address, ground.chance.pick(listener.workers), ground);
    case 'process':
      return askProcess(backend, address, listener.process, ground);
  }
}

function askProcess(backend: Backend, address: Address, process: SimProcess | undefined, ground: Ground): Met {
  const running = process && backend.running.get(process);
  // Another app's process: it knows nothing of this address.
  if (!running) return { afterMs: 2, answer: answerOf(404, 2), by: process ?? null };
  return askIn(backend, address, { running, ground, at: ground.clock.now() });
}

/** What it answers as it is at that moment. */
function askIn(
  backend: Backend,
  address: Address,
  { running, ground, at }: { readonly running: Running; readonly ground: Ground; readonly at: number },
): Met {
  const by = running.process;
  const afterMs = backend.plan.latencyMs * ground.chance.between(0.5, 2);
  const active = backend.ailmentOf(running, at);
  const well = { afterMs, answer: answerOf(200, afterMs), by };
  const never = { afterMs, answer: null, by };
  const ailment = active?.ailment;
  switch (ailment?.kind) {
    case undefined:
      return well;
    case 'hang': {
      if (active?.until == null) return never;
      // What thaws answers then, as it is then.
      const thawed = askIn(backend, address, { running, ground, at: active.until });
      return { ...thawed, afterMs: active.until - at + thawed.afterMs };
    }
    case 'silent-readiness':
      return address === 'readiness' ? never : well;
    case 'slow':
      return { afterMs: ailment.ms, answer: answerOf(200, ailment.ms), by };
    case 'status':
      if (ailment.where !== 'both' && ailment.where !== address) return well;
      if (ground.chance.is(ailment.silentShare)) return never;
      return { afterMs, answer: answerOf(ailment.status, afterMs, ailment.retryAfterMs), by };
  }
}

function answerOf(status: number, latencyMs: number, retryAfterMs: number | null = null): Answer {
  return { kind: 'answer', status, latencyMs, retryAfterMs, json: null, excerpt: '' };
}
