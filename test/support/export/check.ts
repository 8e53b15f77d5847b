import type { ExportPlan } from '../../../src/export/plan.ts';
import { mistakesInCompose } from './check-compose.ts';
import { mistakesInManifests } from './check-kubernetes.ts';
import { mistakesInUnits } from './check-systemd.ts';
import type { Target } from './planned.ts';

const CHECKS = { systemd: mistakesInUnits, kubernetes: mistakesInManifests, compose: mistakesInCompose } as const;

/** What is wrong with an export, by what will read it. */
export function mistakesIn(target: Target, plan: ExportPlan): string[] {
  return CHECKS[target](plan);
}
