import type { BackendState, Child, Operation, Plan } from './state.ts';
import type { StateName } from './state-name.ts';

type Looked = Pick<BackendState, 'children' | 'operation'>;

/** Those that may answer a check now: they run, are meant to, and are not just being restarted. */
export function answering({ children, operation }: Looked): readonly Child[] {
  const isOther = ({ pmId, phase, plan }: Child) => phase === 'up' && plan.is === 'run' && operation?.target.pmId !== pmId;
  return children.every(isOther) ? children : children.filter(isOther);
}

/** It has a process, which PM2 was not asked to end. */
export function isThere({ phase }: Pick<Child, 'phase'>): boolean {
  return phase === 'up' || phase === 'waiting';
}

/** It answers as it should, as far as its last check tells; one of which that cannot be told is believed to. */
export function serves(state: Looked & Pick<BackendState, 'judgement'>): boolean {
  const { name } = state.judgement;
  return answering(state).length > 0 && (name === 'healthy' || name === 'unchecked' || name === 'misconfigured');
}

/** A restart of what runs, whoever asked for it: until it is done there is no verdict. */
export function isRestarting(operation: Operation | null): boolean {
  return operation !== null && (operation.kind === 'restart' || operation.kind === 'reload' || operation.kind === 'kill');
}

/** The one word for all that is known. An operator's wish comes first, then what keeps it from running, then what its checks say. */
export function nameOf(state: BackendState): StateName {
  const { children, judgement, operation } = state;
  if (state.pause !== null) return 'paused';
  if (children.length === 0) return state.lookedAt === null ? 'starting' : 'stopped';
  if (children.every(({ plan }) => plan.is === 'left'))
    return children.some(({ plan }) => plan.is === 'left' && plan.completed) ? 'completed' : 'stopped';
  if (state.blocked !== null) return 'blocked';
  if (isRestarting(operation)) return 'restarting';
  if (answering(state).length > 0) return judgement.name;
  if (children.some(({ phase, plan }) => phase === 'waiting' && plan.is === 'run')) return 'starting';
  return nameOfDown(children, operation);
}

function nameOfDown(children: readonly Child[], operation: Operation | null): StateName {
  if (operation?.kind === 'start' || children.some(({ plan }) => isComing(plan))) return 'restarting';
  return children.some(({ plan }) => plan.is === 'parked' || plan.is === 'fallen') ? 'unhealthy' : 'exhausted';
}

/** PM2 is expected to start it, or an operator asked for it. */
function isComing(plan: Plan): boolean {
  return plan.is === 'run' || (plan.is === 'parked' && plan.due?.cause === 'operator');
}

export function withChild(children: readonly Child[], child: Child): readonly Child[] {
  return children.map((other) => (other.pmId === child.pmId ? child : other));
}

/** Each child's plan anew where `plan` gives one; null leaves it. */
export function planned(children: readonly Child[], plan: (child: Child) => Plan | null): readonly Child[] {
  return children.map((child) => {
    const next = plan(child);
    return next === null ? child : { ...child, plan: next };
  });
}
