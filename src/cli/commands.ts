import type { Command } from 'commander';
import type { Context } from './context.ts';

/** Adds one command, or several that belong together, to the command line. */
export type AddCommand = (program: Command, context: Context) => void;

export interface CommandModule {
  /** What it adds, as they are typed. */
  readonly names: readonly string[];
  readonly load: () => Promise<AddCommand>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandModule[] = [
  { names: ['start'], load: async () => (await import('./commands/running/start.ts')).addStart },
  { names: ['stop'], load: async () => (await import('./commands/running/stop.ts')).addStop },
  { names: ['restart'], load: async () => (await import('./commands/running/restart.ts')).addRestart },
  { names: ['run'], load: async () => (await import('./commands/running/run.ts')).addRun },
  { names: ['status'], load: async () => (await import('./commands/status.ts')).addStatus },
  { names: ['logs'], load: async () => (await import('./commands/logs.ts')).addLogs },
  { names: ['incidents'], load: async () => (await import('./commands/incidents.ts')).addIncidents },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.ts')).addDoctor },
  { names: ['drill'], load: async () => (await import('./commands/drill.ts')).addDrill },
  { names: ['check'], load: async () => (await import('./commands/check.ts')).addCheck },
  { names: ['pause', 'resume', 'reset'], load: async () => (await import('./commands/operate.ts')).addOperations },
  { names: ['wait'], load: async () => (await import('./commands/running/wait.ts')).addWait },
  { names: ['init'], load: async () => (await import('./commands/project/init.ts')).addInit },
  { names: ['validate'], load: async () => (await import('./commands/project/validate.ts')).addValidate },
  { names: ['alerts'], load: async () => (await import('./commands/alerts.ts')).addAlerts },
  { names: ['boot'], load: async () => (await import('./commands/boot/boot.ts')).addBoot },
  { names: ['export'], load: async () => (await import('./commands/project/export.ts')).addExport },
  { names: ['beat'], load: async () => (await import('./commands/beat.ts')).addBeat },
  { names: ['schema'], load: async () => (await import('./commands/project/schema.ts')).addSchema },
  { names: ['completion'], load: async () => (await import('./commands/project/completion.ts')).addCompletion },
];

/** What these arguments can be about: the one that is named, so that nobody waits for the others; else all of them. */
export function commandsFor([first]: readonly string[]): readonly CommandModule[] {
  if (first === '--version') return [];
  const named = first === 'completion' ? undefined : COMMANDS.find(({ names }) => names.includes(first ?? '')); // it tells of all
  return named === undefined ? COMMANDS : [named];
}
