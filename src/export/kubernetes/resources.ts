import type { ResourceRequirements } from 'kubernetes-types/core/v1.js';
import type { Remark } from '../plan.ts';
import type { Subject } from '../subject.ts';

const MI = 1024 ** 2;

/** Enough for the scheduler to go by, and for an autoscaler to measure against. No limit on CPU: it would only make it slow. */
const CPU_REQUEST = '100m';
const MEMORY_REQUEST_BYTES = 128 * MI;

/** Memory from `max_memory`: what is asked for is what it may use at most, so that no neighbour's peak can take it away. */
export function resourcesOf({ backend: { policy } }: Subject): { resources: ResourceRequirements; remarks: readonly Remark[] } {
  const max = policy.maxMemoryBytes;
  const memory = quantity(max ?? MEMORY_REQUEST_BYTES);
  const requests = { cpu: CPU_REQUEST, memory };
  const about = max === null ? 'restart.max_memory null' : `restart.max_memory ${memory}`;
  const text =
    max === null ? `no limit; requests are a guess: measure yours` : 'the kernel ends it at the limit, without a graceful stop';
  return { resources: max === null ? { requests } : { requests, limits: { memory } }, remarks: [{ about, text }] };
}

/** In Mi where that is exact, else in bytes. */
function quantity(bytes: number): string {
  return bytes % MI === 0 ? `${bytes / MI}Mi` : String(bytes);
}
