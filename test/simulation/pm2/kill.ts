import type { SimProcess } from '../machine/machine.ts';
import type { Entry, Pm2Env } from './entry.ts';
import type { God } from './god.ts';

/** constants.js: KILL_RETRY_TIME. */
const LOOK_EVERY_MS = 100;
/** `ps`, by which lib/TreeKill.js finds the tree. */
const PS_MS = { least: 8, most: 25 };

/** lib/God/Methods.js, killProcess and processIsDead: SIGINT to the tree, SIGKILL after `kill_timeout`, looked at every 100 ms. */
export function killProcess(god: God, { process, env }: Entry, done: (timedOut: boolean) => void): void {
  const { machine, chance } = god.around;
  if (!env.treekill) {
    if (process) machine.signal(process, 'SIGINT');
    awaitEnd(god, process ? [process] : [], env, 'SIGINT', done);
    return;
  }
  god.loop.arrive(chance.between(PS_MS.least, PS_MS.most), () => {
    const tree = process?.alive ? machine.treeOf(process).reverse() : [];
    for (const member of tree) machine.signal(member, 'SIGINT');
    awaitEnd(god, tree, env, 'SIGINT', done);
  });
}

function awaitEnd(
  god: God,
  tree: readonly SimProcess[],
  env: Pm2Env,
  sent: 'SIGINT' | 'SIGKILL',
  done: (timedOut: boolean) => void,
): void {
  let cancelLook = god.loop.after(LOOK_EVERY_MS, look);
  const cancelLimit = god.loop.after(env.kill_timeout, () => {
    cancelLook();
    if (sent === 'SIGKILL') return done(true);
    for (const member of tree) god.around.machine.signal(member, 'SIGKILL');
    awaitEnd(god, tree, env, 'SIGKILL', done);
  });
  function look(): void {
    if (tree.some(({ isReaped }) => !isReaped)) {
      cancelLook = god.loop.after(LOOK_EVERY_MS, look);
      return;
    }
    cancelLimit();
    done(false);
  }
}
