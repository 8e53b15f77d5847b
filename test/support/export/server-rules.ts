import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { Container, PodSpec, Probe } from 'kubernetes-types/core/v1.js';

// The limits of Kubernetes that no schema says: the API server's own validation, and what a controller silently gets wrong.

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly [key: string]: unknown;
}

type Labels = Readonly<Record<string, string>>;

const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

export function serverMistakes(manifests: readonly Manifest[]): string[] {
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment') as unknown as Deployment[];
  return manifests.flatMap((manifest) => {
    const found = [
      ...names(manifest),
      ...(manifest.kind === 'Deployment' ? workload(manifest as never) : selection(manifest, deployments)),
    ];
    return found.map((mistake) => `${manifest.kind} ${manifest.metadata.name}: ${mistake}`);
  });
}

function names({ metadata }: Manifest): string[] {
  const labels = Object.entries(metadata.labels ?? {});
  return [
    ...when(!DNS_LABEL.test(metadata.name), 'its name is no DNS label of 63 characters at most'),
    ...labels.filter(([, value]) => !LABEL_VALUE.test(value)).map(([key]) => `label ${key} is none`),
  ];
}

function workload({ spec }: Deployment): string[] {
  const pod = spec?.template.spec;
  if (!spec || !pod) return ['no pod'];
  const { strategy, selector, template } = spec;
  const { maxSurge, maxUnavailable } = strategy?.rollingUpdate ?? {};
  return [
    ...when(!selects(selector.matchLabels, template.metadata?.labels), 'its selector is not what its pods are labelled'),
    ...when(maxSurge === 0 && maxUnavailable === 0, 'it could never be rolled out'),
    ...restricted(pod),
    ...pod.containers.flatMap((container) => [...ofContainer(container), ...ofEnding(pod, container)]),
  ];
}

function ofContainer({ name, ports = [], env = [], resources = {}, ...container }: Container): string[] {
  const portNames = ports.map((port) => port.name ?? '');
  const variables = env.map((variable) => variable.name);
  const { requests = {}, limits = {} } = resources;
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  return [
    ...when(!DNS_LABEL.test(name), 'the container is called what nothing may be called'),
    ...portNames.filter((port) => !PORT_NAME.test(port)).map((port) => `port name ${port}: 15 characters at most`),
    ...when(new Set(variables).size < variables.length, 'a variable is given twice'),
    ...Object.entries(limits).flatMap(([what, limit]) =>
      when(bytes(requests[what]) > bytes(limit), `asks for more ${what} than it may have`),
    ),
    ...when((container.livenessProbe?.successThreshold ?? 1) !== 1, 'successThreshold of the liveness probe must be 1'),
    ...when((container.startupProbe?.successThreshold ?? 1) !== 1, 'successThreshold of the startup probe must be 1'),
    ...probes.flatMap((probe) => (probe ? ofProbe(probe) : [])),
    ...when(diesOfUnreadiness(container), 'the liveness probe asks what the readiness probe asks: it dies for a dead database'),
  ];
}

function ofProbe({ httpGet, tcpSocket, exec, grpc, periodSeconds, timeoutSeconds, failureThreshold }: Probe): string[] {
  const handlers = [httpGet, tcpSocket, exec, grpc].filter((handler) => handler !== undefined);
  const counts = [periodSeconds, timeoutSeconds, failureThreshold].filter((count) => count !== undefined);
  return [
    ...when(handlers.length !== 1, 'a probe asks in exactly one way'),
    ...when(
      counts.some((count) => !Number.isInteger(count) || count < 1),
      'a probe counts in whole numbers from 1 on',
    ),
  ];
}

function diesOfUnreadiness({ livenessProbe, readinessProbe }: Pick<Container, 'livenessProbe' | 'readinessProbe'>): boolean {
  const [live, ready] = [livenessProbe?.httpGet?.path, readinessProbe?.httpGet?.path];
  return live !== undefined && live === ready && /ready|api\/health/.test(live);
}

function ofEnding({ terminationGracePeriodSeconds = 30 }: PodSpec, { lifecycle }: Container): string[] {
  const drain = lifecycle?.preStop?.sleep?.seconds ?? 0;
  return when(drain >= terminationGracePeriodSeconds, 'killed before it hears the first signal');
}

/** The `restricted` profile of the Pod Security Standards. */
function restricted({ securityContext, containers }: PodSpec): string[] {
  return [
    ...when(securityContext?.runAsNonRoot !== true, 'may run as root'),
    ...when(securityContext?.seccompProfile?.type !== 'RuntimeDefault', 'no seccomp profile'),
    ...containers.flatMap(({ securityContext: own }) => [
      ...when(own?.allowPrivilegeEscalation !== false, 'may gain privileges'),
      ...when(!own?.capabilities?.drop?.includes('ALL'), 'keeps capabilities'),
      ...when(
        (own?.capabilities?.add ?? []).some((added) => added !== 'NET_BIND_SERVICE'),
        'has capabilities that are not allowed',
      ),
    ]),
  ];
}

/** What of the other kinds points at a Deployment. */
function selection({ kind, spec }: Manifest, deployments: readonly Deployment[]): string[] {
  const {
    selector,
    podSelector,
    ports = [],
    scaleTargetRef,
  } = (spec ?? {}) as {
    selector?: Labels & { matchLabels?: Labels };
    podSelector?: { matchLabels?: Labels };
    ports?: { name?: string; targetPort?: string | number }[];
    scaleTargetRef?: { name: string };
  };
  if (scaleTargetRef) {
    const scaled = deployments.find(({ metadata }) => metadata?.name === scaleTargetRef.name);
    return scaled === undefined
      ? ['scales nothing']
      : when(scaled.spec?.replicas !== undefined, 'fights with replicas of the Deployment');
  }
  const wanted = kind === 'Service' ? selector : (selector?.matchLabels ?? podSelector?.matchLabels);
  if (wanted === undefined) return [];
  const found = deployments.find(({ spec: deployment }) => selects(wanted, deployment?.template.metadata?.labels));
  const containerPorts = found?.spec?.template.spec?.containers.flatMap((container) => container.ports ?? []) ?? [];
  return [
    ...when(found === undefined, 'selects no pod'),
    ...ports.filter(({ name = '' }) => !PORT_NAME.test(name)).map(({ name }) => `port name ${name}: 15 characters at most`),
    ...ports
      .filter(({ targetPort }) => !containerPorts.some((port) => port.name === targetPort || port.containerPort === targetPort))
      .map(({ targetPort }) => `no container listens on ${targetPort}`),
  ];
}

function selects(wanted: Labels | undefined, labels: Labels | undefined): boolean {
  return wanted !== undefined && Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

function bytes(quantity: string | undefined): number {
  const [, amount, unit = ''] = /^(\d+)(m|Ki|Mi|Gi)?$/.exec(quantity ?? '0') ?? [];
  return Number(amount) * ({ m: 0.001, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 }[unit] ?? 1);
}

function when(wrong: boolean, mistake: string): string[] {
  return wrong ? [mistake] : [];
}
