import type { Ailment } from '../backend/ailment.ts';
import type { Backend, Running } from '../backend/backend.ts';
import type { Chance } from '../chance.ts';
import { type FaultSort, MINUTE, seconds } from './fault.ts';

/** Backends that run and do not serve. */
export const ANSWERS = {
  hang: ofOneProcess(7, () => ({ kind: 'hang' })),
  '503': ofOneProcess(6, drawNotReady),
  '500': ofOneProcess(5, () => status(500, 'both')),
  'pool-empty': ofOneProcess(2, () => ({ kind: 'silent-readiness' })),
  freeze: {
    weight: 4,
    scope: 'backend',
    run(world, backend, chance) {
      const running = oneThatServes(backend, chance);
      if (!running) return null;
      const forMs = chance.spread(200, 2 * MINUTE);
      backend.fallIll(running.process, { ailment: { kind: 'hang' }, until: world.clock.now() + forMs });
      return `pid ${running.process.pid} freezes for ${seconds(forMs)}`;
    },
  },
  'lasting-503': ofAll(4, drawNotReady),
  'lasting-500': ofAll(3, () => status(500, 'both')),
  'lasting-hang': ofAll(2, () => ({ kind: 'hang' })),
  'slow-answers': ofAll(3, (chance, backend) => ({
    kind: 'slow',
    ms: backend.plan.rules.timeoutMs * chance.between(0.2, 0.9),
  })),
  'answers-too-late': ofAll(2, (chance, backend) => ({
    kind: 'slow',
    ms: backend.plan.rules.timeoutMs * chance.between(1.1, 2),
  })),
  'answers-404': ofAll(2, () => status(404, 'both')),
  overload: {
    weight: 4,
    scope: 'backend',
    run(world, backend, chance) {
      const retryAfterMs = chance.whole(1, 60) * 1_000;
      const forMs = chance.spread(2_000, 90_000);
      const silentShare = chance.is(0.5) ? chance.between(0.05, 0.4) : 0;
      const ailment = { ...status(503, chance.pick(['readiness', 'both'])), retryAfterMs, silentShare };
      backend.fallIllForGood({ ailment, until: world.clock.now() + forMs });
      return `503 with Retry-After: ${retryAfterMs / 1_000} for ${seconds(forMs)}, ${(silentShare * 100).toFixed(0)} % of it never answered`;
    },
  },
  memory: {
    weight: 2,
    scope: 'backend',
    run(world, backend, chance) {
      if (backend.plan.rules.maxMemoryBytes === null) return null;
      backend.extraMemoryBytes = 2 * backend.plan.rules.maxMemoryBytes;
      const forMs = chance.spread(5_000, 3 * MINUTE);
      world.clock.after(forMs, () => {
        backend.extraMemoryBytes = 0;
        backend.lighterSince = world.clock.now();
      });
      return `each process takes twice its max_memory for ${seconds(forMs)}`;
    },
  },
} satisfies Record<string, FaultSort>;

export function status(code: number, where: 'liveness' | 'readiness' | 'both'): Extract<Ailment, { kind: 'status' }> {
  return { kind: 'status', status: code, where, retryAfterMs: null, silentShare: 0 };
}

function drawNotReady(chance: Chance): Ailment {
  return status(503, chance.pick(['readiness', 'both']));
}

/** One process of it is ill until it ends. */
function ofOneProcess(weight: number, draw: (chance: Chance) => Ailment): FaultSort {
  return {
    weight,
    scope: 'backend',
    run(_world, backend, chance) {
      const running = oneThatServes(backend, chance);
      if (!running) return null;
      const ailment = draw(chance);
      backend.fallIll(running.process, { ailment, until: null });
      return `pid ${running.process.pid}: ${inWords(ailment)}, until it ends`;
    },
  };
}

/** Whatever process runs, for a while. */
function ofAll(weight: number, draw: (chance: Chance, backend: Backend) => Ailment): FaultSort {
  return {
    weight,
    scope: 'backend',
    run(world, backend, chance) {
      const forMs = chance.spread(1_000, 30 * MINUTE);
      const ailment = draw(chance, backend);
      backend.fallIllForGood({ ailment, until: world.clock.now() + forMs });
      return `${inWords(ailment)} for ${seconds(forMs)}, whatever process runs`;
    },
  };
}

function oneThatServes(backend: Backend, chance: Chance): Running | null {
  const serving = backend.listening();
  return serving.length === 0 ? null : chance.pick(serving);
}

export function inWords(ailment: Ailment): string {
  switch (ailment.kind) {
    case 'hang':
      return 'it hangs';
    case 'silent-readiness':
      return 'readiness is never answered';
    case 'slow':
      return `answers take ${seconds(ailment.ms)}`;
    case 'status':
      return `${ailment.where === 'both' ? 'it' : ailment.where} answers ${ailment.status}`;
  }
}
