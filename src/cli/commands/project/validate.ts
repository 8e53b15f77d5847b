import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { WatchConfig } from '../../../config/resolved.ts';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import type { Problem } from '../../../pm2/launch/ecosystem.ts';
import { ecosystemAt } from '../../backends.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';
import { proofsOf } from '../../proofs.ts';

/** Checks the configuration and starts nothing. */
export function addValidate(program: Command, context: Context): void {
  defineCommand(
    program,
    'validate [file]',
    'check the configuration, start nothing',
    'Checks the configuration and tells every mistake with its place. FILE: an ecosystem file, or a YAML file that is checked alone, as LIFEGUARD_CONFIG=FILE would take it.\nWith an ecosystem file it also looks whether the programs that it names are there, and what their command lines seem to say.\nExit status: 0 valid, 1 mistakes.',
  )
    .option('--strict', 'what is only a guess, a warning otherwise, is a mistake too')
    .action(async (file: string | undefined, { json = false, strict = false, config }: ValidateOptions) => {
      if (file !== undefined && config !== undefined) throw new LifeguardError('usage', 'FILE and --config: give one of them');
      const checked =
        file !== undefined && /\.ya?ml$/.test(file)
          ? await checkYaml(file, context)
          : await checkEcosystem(file ?? config, context);
      const mistakes = checked.problems.filter(({ certain }) => certain || strict).map(({ text }) => text);
      if (mistakes.length > 0) throw new LifeguardError('cannot-run', mistakes.join('\n'));
      tell(checked, context, json);
      context.finish(EXIT.well);
    });
}

interface ValidateOptions extends CommonOptions {
  readonly strict?: boolean;
}

interface Checked {
  readonly files: WatchConfig['files'];
  readonly backends: readonly string[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

function tell({ files, backends, problems, notes }: Checked, { print, tell, paint }: Context, json: boolean): void {
  const warnings = problems.map(({ text }) => text);
  if (json) {
    print(JSON.stringify({ ok: true, files, backends, warnings, notes }, null, 2));
    return;
  }
  print(`${paint('green', 'Valid')}: ${backends.join(', ')} (${files.join(', ')})`);
  for (const warning of warnings) tell(`${paint('yellow', 'warning')}: ${warning}`);
  for (const note of notes) tell(`${paint('dim', 'note')}: ${note}`);
}

async function checkEcosystem(file: string | undefined, { pm2Home }: Context): Promise<Checked> {
  const { watch, backends, problems, notes } = await ecosystemAt(file);
  return {
    files: watch.files,
    backends,
    problems: problems(),
    notes: [...notes, ...unproven(pm2Home, watch), ...endings(watch)],
  };
}

/** Channels that nobody knows to work. */
function unproven(pm2Home: string, watch: WatchConfig): string[] {
  const names = proofsOf(pm2Home, watch).flatMap(({ channel, provenAt }) => (provenAt === null ? [channel] : []));
  if (names.length === 0) return [];
  const never = `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} never been proven`;
  return [`alerts: ${never} as configured now: npx lifeguard alerts test`];
}

/** What PM2 does by itself cannot be changed for one app: SIGINT to the whole tree. */
function endings({ backends }: WatchConfig): string[] {
  return backends.flatMap(({ name, stopSignal }) =>
    stopSignal === null || stopSignal === 'SIGINT'
      ? []
      : [
          `${name}: lifeguard ends it with ${stopSignal}; pm2 stop, pm2 restart and a shutdown send SIGINT, which may cut requests: docs/ending.md`,
        ],
  );
}

async function checkYaml(file: string, { environment }: Context): Promise<Checked> {
  const { loadConfig } = await import('../../../config/load.ts');
  const alone = { ...environment, LIFEGUARD_CONFIG: resolve(file) };
  const { files, backends } = loadConfig({ file, typescript: {}, env: alone });
  return { files, backends: backends.map(({ name }) => name), problems: [], notes: [] };
}
