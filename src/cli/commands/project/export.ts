import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LifeguardError } from '../../../errors/lifeguard-error.ts';
import type { ExportPlan } from '../../../export/plan.ts';
import { ecosystemAt, refuseUnknown } from '../../backends.ts';
import type { Context } from '../../context.ts';
import { type CommonOptions, defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';

const TARGETS = ['systemd', 'kubernetes', 'compose'] as const;
type Target = (typeof TARGETS)[number];

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly force?: boolean;
  readonly env?: string;
  readonly user?: string;
  readonly systemd?: string;
  readonly autoscale?: string;
}

/** The same backends without PM2: systemd units, Kubernetes manifests, a compose file. */
export function addExport(program: Command, context: Context): void {
  defineCommand(
    program,
    'export <target> [backends...]',
    'the same backends as systemd units, Kubernetes manifests or a compose file',
    'Writes what is configured for another supervisor: systemd, kubernetes or compose. What that one has no word for stands in the files as a comment. No file holds a secret.\nWithout --output the files are printed, and nothing is written.\nExit status: 0 done, 1 not exported.',
  )
    .option('--output <folder>', 'write the files there')
    .option('--force', 'replace files in that folder that differ')
    .option('--env <name>', 'lay env_NAME over the variables')
    .option('--user <name>', "systemd: who the backends run as (the owner of the ecosystem file's folder)")
    .option('--systemd <version>', 'systemd: the version that the units are for (the one on this machine)')
    .option('--autoscale <number>', 'kubernetes: let an autoscaler make up to so many pods of each backend')
    .action(async (target: string, names: readonly string[], options: ExportOptions) => {
      const plan = await planOf(targetOf(target), names, options);
      const written = options.output === undefined ? null : await write(plan, options.output, options.force ?? false);
      if (options.json) context.print(JSON.stringify({ ok: true, ...plan, written }, null, 2));
      else if (written === null) printFiles(plan, context);
      else printWritten(plan, written, context);
      context.finish(EXIT.well);
    });
}

function targetOf(word: string): Target {
  const target = TARGETS.find((each) => each === word);
  if (target) return target;
  throw new LifeguardError('usage', `${word}: expected one of ${TARGETS.join(', ')}`);
}

async function planOf(target: Target, names: readonly string[], options: ExportOptions): Promise<ExportPlan> {
  const { config } = await ecosystemAt(options.config);
  refuseUnknown(
    names,
    config.backends.map(({ name }) => name),
  );
  const { inputFrom } = await import('../../../export/input-from.ts');
  const backends = names.length === 0 ? config.backends : config.backends.filter(({ name }) => names.includes(name));
  const input = inputFrom({ ...config, backends }, { target: resolve(options.output ?? '.'), environment: options.env ?? null });
  switch (target) {
    case 'systemd': {
      const { planSystemd } = await import('../../../export/systemd/plan-systemd.ts');
      const { ownerOf, systemdVersion } = await import('../../../export/surroundings.ts');
      const systemd = options.systemd === undefined ? systemdVersion() : wholeNumber('--systemd', options.systemd);
      return planSystemd(input, { user: options.user ?? ownerOf(config.directory), systemd });
    }
    case 'kubernetes': {
      const { planKubernetes } = await import('../../../export/kubernetes/plan-kubernetes.ts');
      const autoscaleTo = options.autoscale === undefined ? null : wholeNumber('--autoscale', options.autoscale);
      return planKubernetes(input, { autoscaleTo });
    }
    case 'compose': {
      const { planCompose } = await import('../../../export/compose/plan-compose.ts');
      return planCompose(input);
    }
  }
}

async function write(plan: ExportPlan, folder: string, force: boolean) {
  const { writePlan } = await import('../../../export/write-plan.ts');
  return writePlan(plan, resolve(folder), { force });
}

/** One stream that can be piped on: of Kubernetes what `kubectl apply -f -` takes. */
function printFiles({ files, notes }: ExportPlan, context: Context): void {
  const shown = files.filter(({ aside }) => aside !== true);
  const yaml = shown.every(({ path }) => path.endsWith('.yaml'));
  const texts = shown.map(({ path, text }) => (shown.length > 1 ? `# ${path}\n${text}` : text));
  context.print(texts.join(yaml ? '---\n' : '\n').trimEnd());
  for (const note of notes) context.tell(`${context.paint('yellow', 'note')}: ${note}`);
}

function printWritten({ notes, next }: ExportPlan, written: Awaited<ReturnType<typeof write>>, context: Context): void {
  for (const { path, what } of written) context.print(`${what.padEnd(10)} ${path}`);
  for (const note of notes) context.tell(`${context.paint('yellow', 'note')}: ${note}`);
  context.print(['', 'Next:', ...next.map((line) => `  ${line}`)].join('\n'));
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new LifeguardError('usage', `${option} ${text}: expected a whole number`);
}
