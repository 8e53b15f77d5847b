import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Container, EnvVar, PodSpec, SecurityContext } from 'kubernetes-types/core/v1.js';
import { IMAGE_USER } from '../image/image-user.ts';
import { type Subject, secretsOf } from '../subject.ts';
import { objectName, secretName, selectorOf } from './names.ts';
import { probesOf, wholeSeconds } from './probes.ts';
import { resourcesOf } from './resources.ts';

/** The port's name: 15 characters at most. */
export const PORT_NAME = 'http';

/** Between a pod's leaving the Service and its first signal: until then requests are still sent to it. */
const DRAIN_S = 5;

/** The default of Kubernetes: a rollout that makes no progress for so long has failed. */
const PROGRESS_DEADLINE_S = 600;

export interface DeploymentOptions {
  /** The image is built by a Dockerfile of the export: its user is known. */
  readonly ownImage: boolean;
  /** An autoscaler says how many: the Deployment must not. */
  readonly autoscaled: boolean;
}

export function deploymentOf(subject: Subject, { ownImage, autoscaled }: DeploymentOptions): Deployment {
  const { backend } = subject;
  const name = objectName(backend.name);
  const labels = selectorOf(backend.name);
  const startupS = wholeSeconds(backend.policy.startupTimeoutMs);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      ...(autoscaled ? {} : { replicas: backend.instances }),
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      ...(startupS * 2 > PROGRESS_DEADLINE_S ? { progressDeadlineSeconds: startupS * 2 } : {}),
      template: { metadata: { labels }, spec: podOf(subject, ownImage) },
    },
  };
}

function podOf(subject: Subject, ownImage: boolean): PodSpec {
  const { backend } = subject;
  const labelSelector = { matchLabels: selectorOf(backend.name) };
  return {
    // It talks to nobody but its clients; and variables such as WEB_PORT of other Services would be mistaken for its own.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      ...(ownImage ? { runAsUser: IMAGE_USER, runAsGroup: IMAGE_USER } : {}),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationGracePeriodSeconds: DRAIN_S + wholeSeconds(backend.killTimeoutMs),
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector,
    })),
    containers: [containerOf(subject)],
  };
}

function containerOf(subject: Subject): Container {
  const { backend, env } = subject;
  return {
    name: objectName(backend.name),
    image: objectName(backend.name),
    ...(backend.port === null ? {} : { ports: [{ name: PORT_NAME, containerPort: backend.port, protocol: 'TCP' }] }),
    env: variables(env),
    ...(secretsOf(subject).length > 0 ? { envFrom: [{ secretRef: { name: secretName(backend.name) } }] } : {}),
    resources: resourcesOf(subject).resources,
    ...probesOf(subject).probes,
    lifecycle: { preStop: { sleep: { seconds: DRAIN_S } } },
    securityContext: restricted(backend.port),
  };
}

/** As an `env` list. A value is taken as it stands: `$(NAME)` would be replaced. */
export function variables(env: Readonly<Record<string, string>>): EnvVar[] {
  return Object.entries(env).map(([name, value]) => ({ name, value: value.replaceAll('$(', () => '$$(') }));
}

/** The `restricted` profile of the Pod Security Standards. */
function restricted(port: number | null): SecurityContext {
  const privilegedPort = port !== null && port < 1_024;
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], ...(privilegedPort ? { add: ['NET_BIND_SERVICE'] } : {}) },
  };
}
