import type { Command } from 'commander';
import { diagnose, rulesWithout } from '../../doctor/diagnose.ts';
import { lookUp } from '../../doctor/facts.ts';
import { type Finding, mendText } from '../../doctor/finding.ts';
import { apply, mendsOf } from '../../doctor/mend.ts';
import type { Rule } from '../../doctor/rule.ts';
import { RULES } from '../../doctor/rules/all.ts';
import { confirmed } from '../confirm.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { doctorLooks } from '../looking/doctor-looks.ts';
import { countOf, doctorReport, fineReport } from '../telling/doctor-report.ts';

interface DoctorOptions extends CommonOptions {
  readonly strict?: boolean;
  readonly verbose?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
}

interface Examined {
  readonly findings: readonly Finding[];
  readonly fine: readonly Rule[];
}

/** What is wrong, why, and what to type. */
export function addDoctor(program: Command, context: Context): void {
  defineCommand(
    program,
    'doctor',
    'what is wrong, why it matters, what to type',
    'Looks at the configuration, PM2, the backends, their ports and dependencies, the logs, the boot and the machine, and tells what is wrong: what was seen, why it matters and what to type. It changes nothing without --fix. Each check has 10 s and fails by itself.\nExit status: 0 nothing or warnings only, 1 errors found.',
  )
    .option('--strict', 'exit status 1 for warnings too')
    .option('--verbose', 'also what is fine')
    .option('--fix', 'make the changes that are safe, each one asked for')
    .option('--yes', 'with --fix: without asking')
    .action(async ({ config, json = false, strict = false, verbose = false, fix = false, yes = false }: DoctorOptions) => {
      let examined = await examine(context, config);
      const fixed = fix ? await mend(examined, yes) : [];
      if (fixed.length > 0) examined = await examine(context, config);
      const { findings, fine } = examined;
      if (json) context.print(asJson(examined, fixed, strict));
      else {
        if (fixed.length > 0)
          context.print(`Done: ${fixed.join('; ')}. ${findings.length === 0 ? '' : `Left: ${countOf(findings)}.`}\n`);
        context.print([doctorReport(findings, context), ...(verbose ? ['', ...fineReport(fine, context)] : [])].join('\n'));
      }
      context.finish(isWell(findings, strict) ? EXIT.well : EXIT.problem);
    });
}

async function examine(context: Context, config: string | undefined): Promise<Examined> {
  const looked = await lookUp(doctorLooks(context, config));
  const findings = diagnose(looked, RULES);
  return { findings, fine: rulesWithout(findings, looked, RULES) };
}

/** Makes the safe changes that are agreed to. @returns them in words */
async function mend({ findings }: Examined, yes: boolean): Promise<string[]> {
  const done: string[] = [];
  for (const each of mendsOf(findings)) {
    if (!yes && !(await confirmed(`${mendText(each)}?`))) continue;
    apply(each);
    done.push(mendText(each));
  }
  return done;
}

function isWell(findings: readonly Finding[], strict: boolean): boolean {
  return findings.every(({ severity }) => severity === 'warning' && !strict);
}

function asJson({ findings, fine }: Examined, fixed: readonly string[], strict: boolean): string {
  const told = findings.map(({ mend: safe, ...finding }) => ({ ...finding, fixable: safe !== undefined }));
  return JSON.stringify({ ok: isWell(findings, strict), findings: told, fine: fine.map(({ id }) => id), fixed }, null, 2);
}
