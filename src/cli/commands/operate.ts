import type { Command } from 'commander';
import type { BackendStatus } from '../../lifeguard/status.ts';
import { formatDuration } from '../../units/duration.ts';
import { narrowed, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { tellLifeguard } from '../looking/ask-lifeguard.ts';
import { elapsed } from '../telling/elapsed.ts';

interface OperateOptions extends CommonOptions {
  readonly for?: string;
}

interface Operation {
  readonly name: 'pause' | 'resume' | 'reset';
  readonly summary: string;
  readonly description: string;
  /** What became of a backend, after its name and a colon. */
  done(status: BackendStatus): string;
}

const OPERATIONS: readonly Operation[] = [
  {
    name: 'pause',
    summary: 'a maintenance window: checked, not acted upon',
    description:
      'Begins a maintenance window for the backends that are named, or for all: they are checked, but nothing is restarted or stopped for what is seen, until --for is over or `lifeguard resume`. Again: the window is counted from now.',
    done: ({ policy }) => `paused${policy.dueInMs === null ? '' : ` for ${elapsed(policy.dueInMs)}`}: checked, not acted upon`,
  },
  {
    name: 'resume',
    summary: 'end a pause',
    description: 'Ends the pause of the backends that are named, or of all. What was seen meanwhile is judged afresh.',
    done: ({ policy }) => `acted upon again; it is ${policy.state}`,
  },
  {
    name: 'reset',
    summary: 'give the whole restart budget back',
    description:
      'Gives the backends that are named, or all, their whole restart budget back, and clears backoff and trial. One that was given up at its limit is started at once.',
    done: ({ policy }) => `${policy.restarts} of ${policy.maxRestarts} restarts used; it is ${policy.state}`,
  },
];

/** What an operator asks of lifeguard: a pause, its end, a fresh budget. */
export function addOperations(program: Command, context: Context): void {
  for (const operation of OPERATIONS) addOperation(program, context, operation);
}

function addOperation(program: Command, context: Context, { name, summary, description, done }: Operation): void {
  const command = defineCommand(program, `${name} [backends...]`, summary, description);
  if (name === 'pause') command.option('--for <duration>', 'how long', '10m');
  command.action(async (names: string[], { json = false, config, for: span }: OperateOptions) => {
    const param = span === undefined ? '' : ` ${formatDuration(durationOption('--for', span))}`;
    const watch = narrowed(await watchedHere(context, config), names);
    const statuses: BackendStatus[] = [];
    for (const backend of watch.backends) {
      const answer = await tellLifeguard(context.pm2Home, watch.name, name, backend.name + param);
      const status = answer.backend as BackendStatus;
      statuses.push(status);
      if (!json) context.print(`${context.paint('bold', backend.name)}: ${done(status)}`);
    }
    if (json) context.print(JSON.stringify({ backends: statuses }, null, 2));
    context.finish(EXIT.well);
  });
}
