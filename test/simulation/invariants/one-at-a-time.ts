import type { Call } from '../pm2/daemon-wire.ts';
import type { World } from '../world/world.ts';
import { type Act, actIn, type Invariant } from './scene.ts';

/** Longer than PM2 takes to start what has ended. */
const STOOD_STILL_MS = 90;
const JUST_NOW_MS = 500;
/** The bus tells of a start within this, and of late messages later. */
const HEARD_MS = 100;

/**
 * One backend never has two operations of lifeguard's under way: the next call comes when PM2 has answered the one before, when its time is
 * up, or when a new process is there, whoever started it. But a stop of what is down only keeps PM2 from starting it, and cannot wait.
 */
export const oneAtATime: Invariant = ({ world }) => {
  const under = new Map<Call, string>();
  return {
    on(event) {
      if (event.type === 'lifeguard') under.clear();
      if (event.type === 'answer') under.delete(event.call);
      if (event.type === 'start') for (const call of under.keys()) if (call.pmId === event.entry.env.pm_id) under.delete(call);
      const act = actIn(event);
      if (act === null || isOfWhatIsDown(world, act)) return;
      // What hangs is killed while PM2 waits for its end: that is one operation.
      const other = [...under].find(
        ([call, backend]) => backend === act.backend && !(act.what === 'kill' && call.pmId === act.pmId),
      );
      if (other)
        world.fail('one operation at a time', act.backend, `${act.what} while ${other[0].method} ${other[0].pmId} is under way`);
      if (event.type === 'call') under.set(event.call, act.backend);
    },
  };
};

/** Or was when lifeguard last heard of it: it has just come round after it stood still. */
function isOfWhatIsDown({ god, life, trouble, clock }: World, { what, pmId }: Act): boolean {
  if (what !== 'stopProcessId' || pmId === null) return false;
  const process = god?.db.get(pmId)?.process;
  const isHeardOf = process?.alive && clock.now() - process.startedAt > HEARD_MS + trouble.delayMs;
  return !isHeardOf || life?.loop.wasBlocked(STOOD_STILL_MS, JUST_NOW_MS) === true;
}
