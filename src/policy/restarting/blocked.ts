import { planned } from '../children.ts';
import type { PortHolder } from '../event.ts';
import type { Plan } from '../state.ts';
import { openIncident, sayOnce } from '../telling/incident.ts';
import { orphanOnPort, portFree, portTaken } from '../telling/reasons.ts';
import { act, change, type Turn } from '../turn.ts';
import { refundUntold } from './crash.ts';

/** An orphan that does not end is asked again this often. */
const ORPHAN_AGAIN_MS = 10_000;

/** Who keeps the backend from its port; null: nobody. In a pause nothing is done about it: PM2 goes on trying, and what it brings up is checked. */
export function recordPort(turn: Turn, holder: PortHolder | null): Turn {
  if (holder === null) return freed(turn);
  if (turn.state.pause !== null) return turn;
  return holder.kind === 'orphan' ? endOrphan(turn, holder) : block(turn, holder);
}

/** It can't serve for a reason outside it: it is stopped, nothing is counted, and no start is tried until the port is free. */
function block(turn: Turn, holder: PortHolder): Turn {
  const { state } = turn;
  const isHeldUp = ({ plan }: { plan: Plan }) => plan.is === 'run' || plan.is === 'fallen' || plan.is === 'parked';
  const reason = portTaken(holder);
  if (!state.children.some(isHeldUp) || (state.blocked !== null && state.blocked.text === reason.text)) return turn;
  const plan: Plan = { is: 'parked', due: null, reason };
  const children = planned(state.children, (child) => (isHeldUp(child) ? plan : null));
  const opened = openIncident(turn, null, turn.now);
  const blocked = change(opened, { blocked: reason, children, budget: refundUntold(state), failures: null, retryAt: null });
  return sayOnce(blocked, 'blocked', null, reason);
}

/** A process of ours that PM2 lost is ended, and the start waits for that. The end that left it behind is counted like any other. */
function endOrphan(turn: Turn, holder: PortHolder): Turn {
  const { state, now } = turn;
  if (state.orphanAskedAt !== null && now - state.orphanAskedAt < ORPHAN_AGAIN_MS) return turn;
  const reason = orphanOnPort(holder);
  const plan: Plan = { is: 'parked', due: { at: now, cause: 'crash', reason, delayMs: 0, counted: false }, reason };
  const children = planned(state.children, (child) => (child.plan.is === 'run' ? plan : null));
  const opened = change(openIncident(turn, 'crash', now), { orphanAskedAt: now, children });
  return act(sayOnce(opened, 'hold', 'crash', reason), { type: 'end-orphan', holder, reason });
}

/** The port is free at last: what was kept from it is started at once, and not counted. */
function freed(turn: Turn): Turn {
  const { state, now } = turn;
  const clear = change(turn, { orphanAskedAt: null });
  if (state.blocked === null) return clear;
  const reason = portFree();
  const plan: Plan = { is: 'parked', due: { at: now, cause: 'crash', reason, delayMs: 0, counted: false }, reason };
  const children = planned(state.children, (child) => (child.plan.is === 'parked' && child.plan.due === null ? plan : null));
  return change(clear, { blocked: null, children, lookedAt: now });
}
