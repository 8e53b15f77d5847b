import type { Ports } from '../../../src/lifeguard/ports.ts';
import type { Answer } from '../../../src/policy/observation.ts';
import { type Address, type Met, meet } from '../backend/answering.ts';
import type { Backend } from '../backend/backend.ts';
import type { World } from '../world/world.ts';
import type { Life } from './life.ts';

/** As src/health/deadline.ts: later than this, and a missing answer says nothing about the backend. */
const LATE_MS = 100;

/** The checks, answered by the simulated backends and dependencies. */
export function healthPort(world: World, life: Life): Ports['health'] {
  return {
    async check({ liveness, readiness }, deadlineMs) {
      const backend = world.backendAt(liveness);
      world.onCheck(backend);
      const live = request(world, life, backend, 'liveness', deadlineMs);
      if (readiness === null) return { liveness: await live, readiness: null };
      const ready = request(world, life, backend, 'readiness', deadlineMs);
      return { liveness: await live, readiness: await ready };
    },
    dependency(check, deadlineMs) {
      const dependency = world.dependencies.find((each) => each.check === check);
      return new Promise((resolve) => {
        if (dependency?.isUp) life.arrive(world.chance.wire.between(0.5, 5), () => resolve({ up: true, detail: 'answers' }));
        else if (dependency?.isSilent) life.after(deadlineMs, () => resolve({ up: false, detail: 'no answer' }));
        else life.arrive(1, () => resolve({ up: false, detail: 'refused' }));
      });
    },
  };
}

/** An answer that comes so soon is not waited for with a time limit. */
const SOON_MS = 50;

function request(world: World, life: Life, backend: Backend, address: Address, deadlineMs: number): Promise<Answer> {
  const met = meet(backend, address, world.ground);
  return new Promise((resolve) => {
    const { answer, by, afterMs } = met;
    if (answer !== null && afterMs <= Math.min(SOON_MS, deadlineMs))
      life.arrive(afterMs, () => resolve(by === null || by.alive ? answer : broken(afterMs)));
    else awaitDeadline(world, life, backend, met, deadlineMs, resolve);
  });
}

/** Its time limit, the answer, or the end of the process that it waits for: whichever comes first. */
function awaitDeadline(
  world: World,
  life: Life,
  backend: Backend,
  { answer, by, afterMs }: Met,
  deadlineMs: number,
  resolve: (answer: Answer) => void,
): void {
  const startedAt = world.clock.now();
  const waiting = by && backend.running.get(by)?.waiting;
  let isOver = false;
  const end = (result: Answer): void => {
    if (isOver) return;
    isOver = true;
    waiting?.delete(onEnd);
    cancel();
    resolve(result);
  };
  const onEnd = (): void => life.arrive(0.5, () => end(broken(world.clock.now() - startedAt)));
  const cancel = life.after(deadlineMs, () => {
    const isLate = world.clock.now() - startedAt - deadlineMs > LATE_MS;
    end(isLate ? { kind: 'void', why: 'late-event-loop', detail: '' } : { kind: 'timeout', latencyMs: deadlineMs });
  });
  if (answer !== null && afterMs < deadlineMs) life.arrive(afterMs, () => end(answer));
  waiting?.add(onEnd);
}

function broken(latencyMs: number): Answer {
  return { kind: 'broken', code: 'ECONNRESET', latencyMs };
}
