import type { AlertChannel } from '../config/resolved.ts';
import type { Outcome } from './channels/channel.ts';
import { openChannel } from './channels/open.ts';
import { RETRIES } from './delivery/retry.ts';
import { ping } from './heartbeat/heartbeat.ts';
import { composeTest } from './message/compose-note.ts';

/** Sends a test message, once, past the queue; a dead man's switch is pinged. `env`: what a command inherits. Never rejects. */
export async function tryChannel(
  config: AlertChannel,
  about: { readonly host: string; readonly pageUrl: string | null; readonly now: number },
  env: NodeJS.ProcessEnv,
): Promise<Outcome> {
  if (config.type === 'heartbeat') return ping(config.url, 'well', null);
  const channel = await openChannel(config, env);
  const message = composeTest(config.name, about.now, about);
  return channel.send(message, { lateMs: 0, plain: false, receipt: null, deadlineMs: RETRIES.deadlineMs });
}
