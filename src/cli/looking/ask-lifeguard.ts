import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { Pm2Error } from '../../pm2/daemon/pm2-error.ts';
import { trigger } from '../../pm2/daemon/trigger.ts';

/** lifeguard's own limit for an answer is 4.5 s. */
const ANSWER_TIMEOUT_MS = 5_000;

type Answer = Readonly<Record<string, unknown>>;

/**
 * Asks lifeguard for one of its actions, as `pm2 trigger` would, but with an end.
 * @param watcher what the project's lifeguard is called in PM2
 * @returns its answer; null: none came, as right after its start or where none runs
 */
export async function askLifeguard(pm2Home: string, watcher: string, action: string, param = ''): Promise<Answer | null> {
  try {
    return await trigger(pm2Home, watcher, action, param, ANSWER_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof Pm2Error) return null;
    throw error;
  }
}

/**
 * The same where nothing can be done without an answer.
 * @throws LifeguardError `no-answer`; `refused` with what lifeguard itself says of it
 */
export async function tellLifeguard(pm2Home: string, watcher: string, action: string, param = ''): Promise<Answer> {
  const answer = await askLifeguard(pm2Home, watcher, action, param);
  if (answer === null)
    throw new LifeguardError('no-answer', `${watcher} does not answer: it is not running, or has only just been started`, {
      hint: 'lifeguard status tells more; lifeguard start starts it.',
    });
  if (answer.ok === false) throw new LifeguardError('refused', String(answer.error));
  return answer;
}
