import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { WatchConfig } from '../../config/resolved.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { ecosystemAt } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';

/** Checks the configuration and starts nothing. */
export function addValidate(program: Command, context: Context): void {
  defineCommand(
    program,
    'validate [file]',
    'check the configuration, start nothing',
    'Checks the configuration and tells every mistake with its place. FILE: an ecosystem file, or a YAML file that is checked alone, as LIFEGUARD_CONFIG=FILE would take it.\nWith an ecosystem file it also looks whether the programs that it names are there.\nExit status: 0 valid, 1 mistakes.',
  ).action(async (file: string | undefined, { json = false, config }: CommonOptions) => {
    if (file !== undefined && config !== undefined) throw new LifeguardError('usage', 'FILE and --config: give one of them');
    const checked =
      file !== undefined && /\.ya?ml$/.test(file) ? await checkYaml(file, context) : await checkEcosystem(file ?? config);
    if (checked.problems.length > 0) throw new LifeguardError('cannot-run', checked.problems.join('\n'));
    const { files, backends, notes } = checked;
    if (json) context.print(JSON.stringify({ ok: true, files, backends, notes }, null, 2));
    else {
      context.print(`${context.paint('green', 'Valid')}: ${backends.join(', ')} (${files.join(', ')})`);
      for (const note of notes) context.tell(`${context.paint('dim', 'note')}: ${note}`);
    }
    context.finish(EXIT.well);
  });
}

interface Checked {
  readonly files: WatchConfig['files'];
  readonly backends: readonly string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

async function checkEcosystem(file: string | undefined): Promise<Checked> {
  const { watch, backends, problems, notes } = await ecosystemAt(file);
  return { files: watch.files, backends, problems: problems(), notes };
}

async function checkYaml(file: string, { environment }: Context): Promise<Checked> {
  const { loadConfig } = await import('../../config/load.ts');
  const alone = { ...environment, LIFEGUARD_CONFIG: resolve(file) };
  const { files, backends } = loadConfig({ file, typescript: {}, env: alone });
  return { files, backends: backends.map(({ name }) => name), problems: [], notes: [] };
}
