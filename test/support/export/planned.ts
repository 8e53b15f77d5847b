import type { ExportInput } from '../../../src/export/input.ts';
import type { ExportPlan } from '../../../src/export/plan.ts';

export type Target = 'systemd' | 'kubernetes' | 'compose';
export const TARGETS: readonly Target[] = ['systemd', 'kubernetes', 'compose'];

/** Makes the plan by an exporter whose source is below `source`: this one's, or a copy of it with a mistake. */
export async function planned(
  target: Target,
  input: ExportInput,
  source = new URL('../../../src/export/', import.meta.url),
): Promise<ExportPlan> {
  const load = async <T>(file: string): Promise<T> => (await import(new URL(file, source).href)) as T;
  switch (target) {
    case 'systemd': {
      const { planSystemd } = await load<typeof import('../../../src/export/systemd/plan-systemd.ts')>('systemd/plan-systemd.ts');
      return planSystemd(input, { user: 'deploy', systemd: 252 });
    }
    case 'kubernetes': {
      const { planKubernetes } =
        await load<typeof import('../../../src/export/kubernetes/plan-kubernetes.ts')>('kubernetes/plan-kubernetes.ts');
      return planKubernetes(input, { autoscaleTo: null });
    }
    case 'compose': {
      const { planCompose } = await load<typeof import('../../../src/export/compose/plan-compose.ts')>('compose/plan-compose.ts');
      return planCompose(input);
    }
  }
}
