import { join, relative } from 'node:path';
import { contextOf } from '../image/context.ts';
import { dockerfilePath } from '../image/dockerfile.ts';
import type { ImageFacts } from '../image/image-facts.ts';
import { stopSignalOf } from '../stop-signal.ts';
import type { Subject } from '../subject.ts';
import type { ComposeService } from './compose-file.ts';
import { composeDuration, composeSize, literal } from './compose-values.ts';
import { healthcheckOf } from './healthcheck.ts';
import { neededBy } from './needed.ts';

const DAY_MS = 86_400_000;

/** One backend as a service. `target`: the folder of the compose file. */
export function serviceOf(subject: Subject, facts: ImageFacts, target: string): ComposeService {
  const { port, policy, killTimeoutMs, run } = subject.backend;
  const healthcheck = healthcheckOf(subject);
  return {
    build: buildOf(subject, facts, target),
    ...environmentOf(subject),
    ...(run.envFile === null ? {} : { env_file: [literal(pathFrom(target, run.envFile))] }),
    ...(port === null ? {} : { ports: [`127.0.0.1:${port}:${port}`] }),
    ...(healthcheck ? { healthcheck } : {}),
    ...dependsOn(subject),
    restart: policy.restartOn.includes('crash') ? 'unless-stopped' : 'no',
    init: true,
    stop_signal: stopSignalOf(subject),
    stop_grace_period: composeDuration(killTimeoutMs),
    ...(policy.maxMemoryBytes === null ? {} : { mem_limit: composeSize(policy.maxMemoryBytes) }),
    logging: loggingOf(subject),
    cap_drop: ['ALL'],
    ...(port !== null && port < 1_024 ? { cap_add: ['NET_BIND_SERVICE'] } : {}),
    security_opt: ['no-new-privileges:true'],
  };
}

function buildOf(subject: Subject, { dockerfile }: ImageFacts, target: string): NonNullable<ComposeService['build']> {
  const context = contextOf(subject);
  // A Dockerfile's path starts at the context. One that is still to be written has the usual name.
  const ours = subject.runtime === 'other' ? 'Dockerfile' : relative(context, join(target, dockerfilePath(subject.backend.name)));
  return { context: literal(pathFrom(target, context)), dockerfile: literal(dockerfile ?? ours) };
}

/** What looks like a secret is passed on from where compose runs, or from the .env beside the file; a value that is missing stops it. */
function environmentOf({ env, hidden }: Subject): Pick<ComposeService, 'environment'> {
  const shown = Object.entries(env).map(([name, value]) => [name, literal(value)]);
  const passedOn = hidden.map((name) => [name, `\${${name}:?is not set}`]);
  const environment = Object.fromEntries([...shown, ...passedOn]);
  return Object.keys(environment).length > 0 ? { environment } : {};
}

function dependsOn(subject: Subject): Pick<ComposeService, 'depends_on'> {
  const needed = neededBy(subject).filter(({ service }) => service !== null);
  if (needed.length === 0) return {};
  return { depends_on: Object.fromEntries(needed.map(({ name }) => [name, { condition: 'service_healthy' }])) };
}

/** As many files as there are days, or as the cap on all of them allows: the driver knows sizes and counts, no ages. */
function loggingOf({ backend: { logs } }: Subject): NonNullable<ComposeService['logging']> {
  const byAge = Math.ceil(logs.retainMs / DAY_MS);
  const byTotal = logs.maxTotalBytes === null ? byAge : Math.floor(logs.maxTotalBytes / logs.maxSizeBytes);
  // Compression takes a second file at least.
  const files = Math.max(2, Math.min(byAge, byTotal));
  const options = { 'max-size': composeSize(logs.maxSizeBytes), 'max-file': String(files), compress: String(logs.compress) };
  return { driver: 'json-file', options };
}

function pathFrom(target: string, path: string): string {
  const way = relative(target, path);
  return way.startsWith('.') ? way : `./${way}`;
}
