import type { Command } from 'commander';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import { watchedHere } from '../../backends.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { type Completed, completionScript, type Shell } from '../../telling/completion.ts';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** Words that follow a command and are no backends. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  incidents: ['show', 'summary'],
  completion: SHELLS,
  validate: [],
  schema: [],
  export: ['systemd', 'kubernetes', 'compose'],
};

/** What a shell needs to complete this command. */
export function addCompletion(program: Command, context: Context): void {
  defineCommand(
    program,
    'completion <shell>',
    'completion for bash, zsh or fish',
    'Prints what a shell has to read to complete lifeguard: its commands, their options, the names of the backends.\n  bash:  eval "$(npx lifeguard completion bash)"\n  zsh:   source <(npx lifeguard completion zsh)\n  fish:  npx lifeguard completion fish | source',
  ).action(async (shell: string, { json = false, config }: CommonOptions) => {
    const words =
      shell === 'names'
        ? await namesHere(context, config)
        : completionScript(shellCalled(shell), completedOf(program)).split('\n');
    context.print(json ? JSON.stringify({ [shell]: words }) : words.join('\n'));
    context.finish(EXIT.well);
  });
}

function shellCalled(name: string): Shell {
  const shell = SHELLS.find((each) => each === name);
  if (shell) return shell;
  throw new LifeguardError('usage', `there is no completion for ${name}`, { hint: `There is ${SHELLS.join(', ')}.` });
}

async function namesHere(context: Context, config: string | undefined): Promise<string[]> {
  return (await watchedHere(context, config)).backends.map(({ name }) => name);
}

function completedOf(program: Command): Completed[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: command.options.flatMap(({ long, description, required, optional }) =>
      long ? [{ flag: long, description, takesValue: required || optional }] : [],
    ),
    words: WORDS[command.name()] ?? null,
  }));
}
