import { type EvidenceTaker, takeEvidence } from '../src/incidents/evidence/evidence.ts';
import type { Ports } from '../src/lifeguard/ports.ts';

type Hooked = Pick<Ports, 'health' | 'host' | 'evidence'>;

/** Sets down what the ports see: the checks, the ends of processes, and before an operation all that can be looked at. */
export function withEvidence(
  { health, host }: Pick<Ports, 'health' | 'host'>,
  parts: Parameters<typeof takeEvidence>[0] & { readonly wanted: boolean },
): { readonly ports: Hooked; readonly of: EvidenceTaker['of'] } {
  if (!parts.wanted) return { ports: { health, host, evidence: { before: async () => undefined } }, of: () => null };
  const taker = takeEvidence(parts);
  const names = new Map(parts.config.backends.map(({ name, targets }) => [targets, name]));
  const ports: Hooked = {
    health: {
      ...health,
      async check(targets, deadlineMs, incarnation) {
        const round = await health.check(targets, deadlineMs, incarnation);
        taker.checked(names.get(targets) ?? '', round, incarnation);
        return round;
      },
    },
    host: {
      ...host,
      async exitInfo(process) {
        const exit = await host.exitInfo(process);
        taker.ended(process.name, exit);
        return exit;
      },
    },
    evidence: {
      // Of a crash there is no process left to touch, and an operator is not kept waiting.
      before: async (backend, cause) => {
        if (cause !== 'crash' && cause !== 'operator') await taker.settled(backend);
      },
    },
  };
  return { ports, of: taker.of };
}
