import type { BackendStatus } from '../../lifeguard/status.ts';

/** What lifeguard does next about a backend that is not well, and when. null: nothing, or nothing that is known yet. */
export function nextStepOf(
  { name, policy }: Pick<BackendStatus, 'name' | 'policy'>,
  clockTime: (inMs: number) => string,
): string | null {
  const { state, dueInMs, dependenciesDown } = policy;
  const at = dueInMs === null ? null : clockTime(dueInMs);
  switch (state) {
    case 'exhausted':
      return at === null ? `nothing, until somebody says lifeguard reset ${name}` : `one trial at ${at}`;
    case 'degraded':
      if (dependenciesDown.length > 0)
        return `held until ${dependenciesDown.join(' and ')} ${dependenciesDown.length === 1 ? 'is' : 'are'} back`;
      return at === null ? null : `a restart at ${at}`;
    case 'paused':
      return at === null ? null : `the pause ends at ${at}`;
    case 'unhealthy':
    case 'suspect':
      return at === null ? null : `a restart at ${at}`;
    case 'starting':
      return at === null ? null : `a start at ${at}`;
    default:
      return null;
  }
}
