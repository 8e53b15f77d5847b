import { isSick } from '../world/truth.ts';
import { type Invariant, verdictMs } from './scene.ts';

/** Lines of lifeguard's own log, and of the journal, within a minute: of one backend, and of all together for each. */
const LINES_A_MINUTE = 60;
/** Timers within a second. */
const TIMERS = { some: 100, forEach: 60 };

/** lifeguard does not talk or work for nothing, and what it says is so. */
export const quiet: Invariant = ({ world, truth, disturbance }) => {
  let lines = 0;
  const journal = new Map<string, number>();
  let minuteAt = world.clock.now();
  let timersAtLook = 0;
  return {
    on(event) {
      if (event.type === 'lifeguard') timersAtLook = 0;
      if (event.type === 'log') lines += 1;
      if (event.type !== 'journal') return;
      const { backend, entry } = event;
      const count = (journal.get(backend) ?? 0) + 1;
      journal.set(backend, count);
      if (count > LINES_A_MINUTE) world.fail('it does not chatter', backend, `${count} lines of the journal within a minute`);
      if (!(entry.sinceFailureMs >= 0))
        world.fail('what it says is so', backend, `${entry.what}: sinceFailureMs is ${entry.sinceFailureMs}`);
      const found = world.byName.get(backend);
      if (entry.what !== 'recover' || !found) return;
      const { health, since } = truth.of(found);
      const isWrong =
        (isSick(health) || health === 'off') && disturbance.seenForMs(since) > verdictMs(found.plan.rules, world.trouble.listMs);
      if (isWrong)
        world.fail(
          'what it says is so',
          backend,
          `it 'recovers', and has been ${health} for ${Math.round(world.clock.now() - since)} ms`,
        );
    },
    look() {
      const { life, clock, backends } = world;
      if (clock.now() - minuteAt > 60_000) {
        if (lines > LINES_A_MINUTE * (1 + backends.length))
          world.fail('it does not chatter', null, `${lines} lines of its log within a minute`);
        lines = 0;
        journal.clear();
        minuteAt = clock.now();
      }
      if (!life) return;
      const ran = life.timersRun - timersAtLook;
      timersAtLook = life.timersRun;
      if (ran > TIMERS.some + TIMERS.forEach * backends.length)
        world.fail('it does not spin', null, `${ran} timers within a second`);
    },
  };
};
