import type { Command } from 'commander';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import { parseDuration } from '../units/duration.ts';

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  /** The ecosystem file, if one was named. */
  readonly config?: string;
}

/** A command with the options that all of them have. `usage` is its name and arguments: `start [backends...]`. */
export function defineCommand(program: Command, usage: string, summary: string, details: string): Command {
  return program
    .command(usage)
    .summary(summary)
    .description(details)
    .option('--config <file>', 'the ecosystem file (default: ecosystem.config.ts, .mts or .cts)')
    .option('--json', 'the result as JSON');
}

/**
 * An option's value as milliseconds.
 * @throws LifeguardError `usage`
 */
export function durationOption(name: string, value: string): number {
  const parsed = parseDuration(/^\d+$/.test(value) ? Number(value) * 1_000 : value);
  if (parsed.ok) return parsed.value;
  throw new LifeguardError('usage', `${name} ${value}: expected a duration such as 500ms, 30s or 5m`, { hint: parsed.hint });
}
