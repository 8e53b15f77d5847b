import { shownCheck } from '../health/shown-check.ts';
import { redactCommand } from '../host/command-line.ts';
import { formatDuration } from '../units/duration.ts';
import { formatSize } from '../units/size.ts';
import type { Remark } from './plan.ts';
import { shownUrl } from './secrets.ts';
import type { Subject } from './subject.ts';

// A key and its value, as people write it, for the comments of an export: one function a group of keys that no target can say.

/** The restart budget and the backoff: one sentence, as no target has more than a part of it. */
export function aboutBudget({ backend: { policy } }: Subject): string {
  const { backoff, coolDownMs } = policy;
  const delays = `${formatDuration(backoff.initialMs)} times ${backoff.factor} up to ${formatDuration(backoff.maxMs)}`;
  return [
    `restart.max_restarts ${policy.maxRestarts} within ${formatDuration(policy.withinMs)}`,
    `cool_down ${coolDownMs === null ? 'null' : formatDuration(coolDownMs)}`,
    `backoff ${delays}, jitter ${backoff.jitter}`,
  ].join(', ');
}

/** All of `health` but what some targets have a word for. */
export function aboutHealth({ backend: { targets, policy } }: Subject, text: string): Remark[] {
  const asked = (['liveness', 'readiness'] as const).map(
    (which) => `health.${which} ${targets[which] === null ? 'null' : shownCheck(targets[which])}`,
  );
  const counts = `failure_threshold ${policy.failureThreshold}, success_threshold ${policy.successThreshold}`;
  const times = [
    ['interval', policy.intervalMs],
    ['timeout', policy.timeoutMs],
    ['startup_timeout', policy.startupTimeoutMs],
    ['retry_after_max', policy.retryAfterMaxMs],
  ] as const;
  return [{ about: [...asked, ...times.map(([key, ms]) => `${key} ${formatDuration(ms)}`), counts].join(', '), text }];
}

export function aboutRetryAfter({ backend: { policy } }: Subject, text: string): Remark[] {
  return [{ about: `health.retry_after_max ${formatDuration(policy.retryAfterMaxMs)}`, text }];
}

export function aboutDependencies({ backend: { dependencies } }: Subject, text: string): Remark[] {
  return dependencies.map(({ name, check, field, start, restartWith }) => ({
    about: [
      `depends_on ${name}, check ${shownUrl(check)}`,
      ...(field === null ? [] : [`field ${field}`]),
      ...(start === null ? [] : [`start ${start}`]),
      ...(restartWith ? ['restart_with true'] : []),
    ].join(', '),
    text,
  }));
}

/** What is about a start, a job and PM2 itself, which no target has. `before`, `once`: how it is done there. */
export function aboutTheRest(subject: Subject, { before, once }: { readonly before: string; readonly once: string }): Remark[] {
  return [...aboutBefore(subject, before), ...aboutCpu(subject), ...aboutOnce(subject, once), ...aboutPmx(subject)];
}

function aboutCpu({ backend: { policy } }: Subject): Remark[] {
  if (policy.maxCpu === null) return [];
  const { percent, forMs } = policy.maxCpu;
  return [
    {
      about: `restart.max_cpu ${percent} % for ${formatDuration(forMs)}`,
      text: 'a limit there slows it down, and restarts nothing',
    },
  ];
}

function aboutOnce({ backend: { once } }: Subject, text: string): Remark[] {
  return once ? [{ about: 'run.once true', text }] : [];
}

function aboutBefore({ backend: { before } }: Subject, text: string): Remark[] {
  return before.map(({ program, args, timeoutMs }) => ({
    about: `run.before ${redactCommand([program, ...args])}, timeout ${formatDuration(timeoutMs)}`,
    text,
  }));
}

/** The `env_NAME`s that are not laid over `env`. */
export function aboutEnvironments({ backend: { run }, environment }: Subject): Remark[] {
  const others = Object.entries(run.envByName).filter(([name]) => name !== environment);
  return others.map(([name, variables]) => ({
    about: `run.env_${name} ${Object.keys(variables).join(', ')}`,
    text: `not part of this; export with --env ${name}`,
  }));
}

function aboutPmx({ backend: { pmx } }: Subject): Remark[] {
  return pmx ? [{ about: 'pmx true', text: "PM2's own instrumentation; there is no PM2 here" }] : [];
}

/** `folder`: what becomes of `logs.directory`; `files`: of the files that the app writes itself. */
export function aboutLogs({ backend: { logs } }: Subject, rotation: string, files: string): Remark[] {
  const total = logs.maxTotalBytes === null ? 'null' : formatSize(logs.maxTotalBytes);
  const sizes = `max_size ${formatSize(logs.maxSizeBytes)}, retain ${formatDuration(logs.retainMs)}, max_total ${total}`;
  return [
    { about: `logs.directory ${logs.directory}, ${sizes}, compress ${logs.compress}`, text: rotation },
    ...logs.files.map((file) => ({ about: `logs.files ${file}`, text: files })),
  ];
}

/** The causes of restarts, where the target restarts for others. */
export function aboutCauses({ backend: { policy } }: Subject, text: string): Remark[] {
  return [{ about: `restart.on ${policy.restartOn.join(', ') || 'nothing'}`, text }];
}
