import type { Fleet } from '../policy/together/fleet.ts';

/** The fleet with one backend held to another memory limit, bytes, as long as a drill has it so; null: to none. */
export function withMemoryLimit(fleet: Fleet, name: string, maxMemoryBytes: number | null): Fleet {
  const i = fleet.index.get(name) ?? -1;
  const policy = fleet.policies[i];
  if (policy === undefined || policy.maxMemoryBytes === maxMemoryBytes) return fleet;
  return { ...fleet, policies: fleet.policies.with(i, { ...policy, maxMemoryBytes }) };
}
