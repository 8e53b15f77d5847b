import { connect } from 'node:net';
import type { Command } from 'commander';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { BEAT_VARIABLE, beatSocket } from '../../health/heartbeat/beat-socket.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';

/** For scripts that a backend runs: a heartbeat, without a library. */
export function addBeat(program: Command, context: Context): void {
  defineCommand(
    program,
    'beat [backend]',
    "send a backend's heartbeat",
    `Tells lifeguard that a backend lives, whose health.liveness or readiness is a heartbeat. Without a name: the one that runs this.
Exit status: 0 it was heard, 2 nobody hears it.`,
  ).action(async (backend: string | undefined, { json = false }: CommonOptions) => {
    const path = backend === undefined ? context.environment[BEAT_VARIABLE] : beatSocket(context.pm2Home, backend);
    if (path === undefined)
      throw new LifeguardError('usage', `whose? ${BEAT_VARIABLE} is not set`, {
        hint: 'Name the backend: lifeguard beat NAME.',
      });
    const failed = await send(path);
    if (json) context.print(JSON.stringify({ heard: failed === null, socket: path, why: failed }));
    if (failed === null) return context.finish(EXIT.well);
    context.tell(
      `Nobody hears it: ${failed}. Does lifeguard run, and is a heartbeat configured for ${backend ?? 'this backend'}?`,
    );
    context.finish(EXIT.down);
  });
}

/** null, or why it did not arrive. */
function send(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.end('.'));
    socket.once('error', (error) => resolve(error.message));
    socket.once('close', () => resolve(null));
    socket.resume();
  });
}
