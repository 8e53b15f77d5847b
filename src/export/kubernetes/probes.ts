import type { Probe } from 'kubernetes-types/core/v1.js';
import { formatDuration } from '../../units/duration.ts';
import { checkCommand } from '../check-command.ts';
import { type Endpoint, endpointOf } from '../endpoint.ts';
import type { Remark } from '../plan.ts';
import type { Subject } from '../subject.ts';

export interface Probes {
  readonly probes: { readonly startupProbe?: Probe; readonly livenessProbe?: Probe; readonly readinessProbe?: Probe };
  readonly remarks: readonly Remark[];
}

type Handler = Pick<Probe, 'httpGet' | 'tcpSocket' | 'exec'>;

/** An exec probe starts a process each time: not every second. */
const EXEC_PERIOD_S = 5;

/** The three probes that mean what a backend's health checks mean. */
export function probesOf(subject: Subject): Probes {
  const { targets, policy } = subject.backend;
  const live = endpointOf(targets.liveness);
  const ready = endpointOf(targets.readiness) ?? live;
  const liveness = restartsByChecks(subject) ? livenessHandler(subject, live) : { handler: null, remarks: notRestarted(subject) };
  const readiness = ready === null ? null : handlerAt(ready);
  const first = liveness.handler ?? readiness;
  return {
    probes: {
      ...(first && policy.startupTimeoutMs > 0 ? { startupProbe: startup(first, subject) } : {}),
      ...(liveness.handler ? { livenessProbe: { ...liveness.handler, ...timing(liveness.handler, subject) } } : {}),
      ...(readiness
        ? { readinessProbe: { ...readiness, ...timing(readiness, subject), successThreshold: policy.successThreshold } }
        : {}),
    },
    remarks: [
      ...liveness.remarks,
      ...unaskable('health.liveness', live),
      ...unaskable('health.readiness', ready),
      ...rounded(subject),
    ],
  };
}

/** Kubernetes counts in whole seconds, one at least. */
export function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

function startup(handler: Handler, { backend: { policy } }: Subject): Probe {
  const periodSeconds = periodOf(handler, policy.intervalMs);
  return {
    ...handler,
    periodSeconds,
    timeoutSeconds: wholeSeconds(policy.timeoutMs),
    failureThreshold: Math.max(1, Math.ceil(policy.startupTimeoutMs / 1_000 / periodSeconds)),
  };
}

function timing(handler: Handler, { backend: { policy } }: Subject): Probe {
  return {
    periodSeconds: periodOf(handler, policy.intervalMs),
    timeoutSeconds: wholeSeconds(policy.timeoutMs),
    failureThreshold: policy.failureThreshold,
  };
}

function periodOf({ exec }: Handler, intervalMs: number): number {
  return Math.max(exec ? EXEC_PERIOD_S : 1, wholeSeconds(intervalMs));
}

function restartsByChecks({ backend: { policy } }: Subject): boolean {
  return policy.restartOn.includes('hang') || policy.restartOn.includes('unreachable');
}

function notRestarted({ backend: { policy } }: Subject): Remark[] {
  const text = 'no liveness probe: neither a hang nor an unreachable backend is to restart it';
  return [{ about: `restart.on ${policy.restartOn.join(', ') || 'nothing'}`, text }];
}

/**
 * Liveness must not die for a dead database. Where a 503 of the liveness target can be a dependency's, or is no reason to restart,
 * the question is asked by a command that takes a 503 for a sign of life; an httpGet would not.
 */
function livenessHandler({ backend, runtime }: Subject, at: Endpoint | null): { handler: Handler | null; remarks: Remark[] } {
  if (at === null || at.kind === 'other') return { handler: null, remarks: [] };
  const { policy } = backend;
  if (at.kind === 'tcp') return { handler: handlerAt(at), remarks: [] };
  const reason =
    policy.dependencies.length > 0 ? 'a dependency that is down' : policy.restartOn.includes('503') ? null : 'restart.on';
  if (reason === null) {
    const text = 'each failed check counts here: a 503 that means overload, and a 4xx that means a wrong path';
    return { handler: handlerAt(at), remarks: [{ about: `health.liveness ${at.path}`, text }] };
  }
  const command = checkCommand(runtime, at, policy.timeoutMs, 'alive');
  if (command === null) {
    const text = 'asked as a connection alone, for an httpGet would restart it for a 503; a hang is not noticed that way';
    return { handler: { tcpSocket: { port: at.port } }, remarks: [{ about: `health.liveness ${at.path}`, text }] };
  }
  const text = `asked by a command for which a 503 (${reason}) is a sign of life, at most every ${EXEC_PERIOD_S} s`;
  return { handler: { exec: { command: [...command] } }, remarks: [{ about: `health.liveness ${at.path}`, text }] };
}

function handlerAt(at: Endpoint): Handler | null {
  switch (at.kind) {
    case 'tcp':
      return { tcpSocket: { port: at.port } };
    case 'http':
      return {
        httpGet: {
          path: at.path,
          port: at.port,
          ...(at.scheme === 'https' ? { scheme: 'HTTPS' } : {}),
          ...(Object.keys(at.headers).length > 0 ? { httpHeaders: headerList(at.headers) } : {}),
        },
      };
    case 'other':
      return null;
  }
}

function headerList(headers: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

function unaskable(key: string, at: Endpoint | null): Remark[] {
  if (at?.kind === 'other') return [{ about: key, text: `no probe: ${at.why}` }];
  return at?.kind === 'http' && at.expectsMore ? [{ about: `${key}.expect`, text: 'a probe goes by the status alone' }] : [];
}

function rounded({ backend: { policy } }: Subject): Remark[] {
  const times = [
    ['health.interval', policy.intervalMs],
    ['health.timeout', policy.timeoutMs],
  ] as const;
  return times
    .filter(([, ms]) => ms % 1_000 !== 0)
    .map(([key, ms]) => ({
      about: `${key} ${formatDuration(ms)}`,
      text: `${wholeSeconds(ms)} s: probes count in whole seconds`,
    }));
}
