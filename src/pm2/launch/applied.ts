import type { WatchConfig } from '../../config/resolved.ts';

export interface WhatWasDone {
  /** What the ecosystem file says now. */
  readonly declared: WatchConfig;
  /** What lifeguard goes by; null: nothing is known. */
  readonly before: WatchConfig | null;
  /** Names of the apps that are as declared now. */
  readonly applied: ReadonlySet<string>;
  /** Names of our apps that are in PM2's list. */
  readonly listed: ReadonlySet<string>;
}

/**
 * What lifeguard is to go by: of each backend what was applied to it last. One that was left out of a start is watched as it was
 * started; one that was never started is not watched. What is lifeguard's own (alerts, dashboard) is as declared, if it is applied too.
 */
export function appliedConfig({ declared, before, applied, listed }: WhatWasDone): WatchConfig {
  const own = applied.has(declared.name) || before === null ? declared : { ...before, owner: declared.owner };
  const asBefore = (name: string) => before?.backends.find((backend) => backend.name === name);
  const known = declared.backends.flatMap((backend) => {
    if (applied.has(backend.name)) return [backend];
    return listed.has(backend.name) ? [asBefore(backend.name) ?? backend] : [];
  });
  const undeclared = (before?.backends ?? []).filter(
    ({ name }) => listed.has(name) && !declared.backends.some((backend) => backend.name === name),
  );
  return { ...own, backends: [...known, ...undeclared] };
}
