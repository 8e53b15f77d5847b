import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { Secret, Service } from 'kubernetes-types/core/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import { type Subject, secretsOf } from '../subject.ts';
import { PORT_NAME } from './deployment.ts';
import { objectName, secretName, selectorOf } from './names.ts';

/** Average use of the CPU that is asked for, in percent, above which there are to be more pods. */
const BUSY_PERCENT = 80;

/** Under the backend's own port, so that addresses change in their host alone. */
export function serviceOf({ backend: { name, port } }: Subject): Service | null {
  if (port === null) return null;
  const ports = [{ name: PORT_NAME, port, targetPort: PORT_NAME, protocol: 'TCP', appProtocol: 'http' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: objectName(name), labels: selectorOf(name) },
    spec: { type: 'ClusterIP', selector: selectorOf(name), ports },
  };
}

/** One at a time. A least number available would keep a node from ever being drained where there is a single pod. */
export function disruptionBudgetOf({ backend: { name } }: Subject): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: objectName(name), labels: selectorOf(name) },
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: selectorOf(name) } },
  };
}

/** In: the port and nothing else. Out: not limited, as only its author knows whom it calls. */
export function networkPolicyOf({ backend: { name, port } }: Subject): NetworkPolicy | null {
  if (port === null) return null;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: objectName(name), labels: selectorOf(name) },
    spec: {
      podSelector: { matchLabels: selectorOf(name) },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: PORT_NAME, protocol: 'TCP' }] }],
    },
  };
}

export function autoscalerOf({ backend: { name, instances } }: Subject, maxReplicas: number): HorizontalPodAutoscaler {
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: BUSY_PERCENT } };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: objectName(name), labels: selectorOf(name) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: objectName(name) },
      minReplicas: instances,
      maxReplicas: Math.max(instances, maxReplicas),
      metrics: [{ type: 'Resource', resource: cpu }],
    },
  };
}

/** The names alone: an export holds no secret's value. null: there are none. */
export function secretOf(subject: Subject): Secret | null {
  const { name } = subject.backend;
  const secrets = secretsOf(subject);
  if (secrets.length === 0) return null;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(name), labels: selectorOf(name) },
    type: 'Opaque',
    stringData: Object.fromEntries(secrets.map((secret) => [secret, ''])),
  };
}
