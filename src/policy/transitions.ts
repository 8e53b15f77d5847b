import { reset, resetAndStart, restartByCommand } from './command.ts';
import { crash, crashWhileDue, type Exit, freed, gaveUp, startSpare, taken } from './crash.ts';
import type { Command, Event, PortHolder } from './event.ts';
import { judge, settleUnhealthy } from './judge.ts';
import {
  comeOnline,
  comeOnlineAnew,
  comeOnlineByHand,
  confirmParked,
  doWell,
  endedOnRequest,
  foundParked,
  noteDone,
  settleExhausted,
  settleHealthy,
  settleRestarting,
  standDown,
  tryAgain,
} from './lifecycle.ts';
import { exceedMemory } from './memory.ts';
import {
  comeOnlineInPause,
  doWellInPause,
  endInPause,
  endPause,
  extendPause,
  gaveUpInPause,
  pause,
  resetInPause,
  restartInPause,
  resume,
  standDownInPause,
} from './pause.ts';
import type { StateName } from './state-name.ts';
import { enter, type Turn } from './turn.ts';

/** What can happen to a backend, by name, and what is known of it then. */
export interface Happenings {
  /** A check's result, counted already. */
  readonly success: null;
  readonly failure: null;
  readonly online: Extract<Event, { type: 'online' }>;
  /** A process ended: nobody had asked for it; or somebody had. */
  readonly crash: Exit;
  readonly ended: Exit;
  /** PM2 says it is stopped: by an operator; it gave up on it; by lifeguard. */
  readonly stopped: null;
  readonly errored: null;
  readonly parked: null;
  readonly overMemory: number;
  readonly portTaken: PortHolder;
  readonly portFree: null;
  /** What became of an action of ours. */
  readonly done: Extract<Event, { type: 'performed' }>;
  readonly failed: Extract<Event, { type: 'performed' }>;
  /** An operator's commands to lifeguard. */
  readonly restart: null;
  readonly pause: Extract<Command, { name: 'pause' }>;
  readonly resume: null;
  readonly reset: null;
  /** Time, and all that was recorded: here it is decided. Runs after every other happening too. */
  readonly tick: null;
}

type Row = { readonly [H in keyof Happenings]: (turn: Turn, happening: Happenings[H]) => Turn };

const nothing = (turn: Turn): Turn => turn;
const grow = (turn: Turn): Turn => enter(turn, 'suspect');
/** In a start, failures count as suspicion only after the first success. */
const growOnceUp = (turn: Turn): Turn => (turn.state.cameUpAt === null ? turn : grow(turn));

/** The verdict on all of them comes before the one instance that crashed alone. */
const judgeOrStartSpare = (turn: Turn): Turn => {
  const judged = judge(turn);
  return judged.state.name === turn.state.name ? startSpare(judged) : judged;
};

/** What a running backend has in common, whatever is thought of it. */
const running = {
  success: doWell,
  online: comeOnlineAnew,
  crash,
  ended: endedOnRequest,
  stopped: standDown,
  errored: gaveUp,
  parked: foundParked,
  overMemory: exceedMemory,
  portTaken: taken,
  portFree: nothing,
  done: noteDone,
  failed: nothing,
  restart: restartByCommand,
  pause,
  resume: nothing,
  reset,
} satisfies Partial<Row>;

/** What a backend has in common that is kept from running. */
const idle = {
  success: nothing,
  failure: nothing,
  online: comeOnlineByHand,
  crash: nothing,
  ended: nothing,
  stopped: standDown,
  errored: confirmParked,
  parked: confirmParked,
  overMemory: nothing,
  portTaken: nothing,
  portFree: nothing,
  done: noteDone,
  failed: nothing,
  restart: restartByCommand,
  pause,
  resume: nothing,
  reset,
} satisfies Partial<Row>;

/** Every state by every happening. A cell that is missing does not compile. */
export const TRANSITIONS: { readonly [S in StateName]: Row } = {
  starting: { ...running, failure: growOnceUp, overMemory: nothing, tick: judgeOrStartSpare },
  healthy: { ...running, failure: grow, tick: (turn) => settleHealthy(startSpare(turn)) },
  suspect: { ...running, failure: nothing, tick: judgeOrStartSpare },
  degraded: { ...running, failure: nothing, tick: judgeOrStartSpare },
  unhealthy: {
    ...running,
    failure: nothing,
    online: (turn, online) => (turn.state.process === 'up' ? comeOnlineAnew : comeOnlineByHand)(turn, online),
    crash: crashWhileDue,
    ended: (turn, exit) => (turn.state.process === 'up' ? endedOnRequest(turn, exit) : turn),
    parked: (turn) => (turn.state.process === 'up' ? foundParked : confirmParked)(turn),
    tick: settleUnhealthy,
  },
  restarting: {
    ...running,
    success: nothing,
    failure: nothing,
    crash: (turn, { port }) => (port === null ? turn : taken(turn, port)),
    ended: nothing,
    parked: nothing,
    overMemory: nothing,
    failed: tryAgain,
    tick: settleRestarting,
  },
  blocked: { ...idle, portTaken: taken, portFree: freed, tick: nothing },
  exhausted: { ...idle, reset: resetAndStart, tick: settleExhausted },
  stopped: { ...idle, online: comeOnline, tick: nothing },
  paused: {
    success: doWellInPause,
    failure: nothing,
    online: comeOnlineInPause,
    crash: endInPause,
    ended: endInPause,
    stopped: standDownInPause,
    errored: gaveUpInPause,
    parked: confirmParked,
    overMemory: nothing,
    portTaken: nothing,
    portFree: nothing,
    done: noteDone,
    failed: nothing,
    restart: restartInPause,
    pause: extendPause,
    resume,
    reset: resetInPause,
    tick: endPause,
  },
};
