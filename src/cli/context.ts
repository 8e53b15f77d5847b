import type { Host } from '../host/host.ts';
import type { ExitStatus } from './exit-status.ts';
import type { Paint } from './telling/output.ts';

/** What a command is run in; real only in main.ts. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pm2Home: string;
  readonly host: Host;
  /** One line, or several, to stdout. */
  readonly print: (text: string) => void;
  /** To stderr: progress, and what is wrong. */
  readonly tell: (text: string) => void;
  /** To stderr where that is a terminal: a line that is written over itself, and taken away by '' or by the next that is told. */
  readonly live: (text: string) => void;
  readonly paint: Paint;
  /** How wide the terminal is; null: stdout is none. */
  readonly columns: number | null;
  /** Resolves at the user's Ctrl-C, or when the command is told to end; from the first call on they end nothing by themselves. */
  readonly interrupted: () => Promise<'SIGINT' | 'SIGTERM'>;
  /** Called once by each command, at its end. */
  readonly finish: (status: ExitStatus) => void;
}
