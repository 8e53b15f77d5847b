import type { Sandbox } from '../../test/support/sandbox.ts';

/** What rotates the logs of one PM2 every second, compressed. */
export interface Contender {
  readonly name: string;
  /** How it is set, for the reader. */
  readonly how: string;
  /** Starts on the logs in `directory`, all of which begin with `w-`. */
  start(sandbox: Sandbox, directory: string): Promise<Running>;
}

export interface Running {
  /** Lets it finish what it is at. */
  stop(): Promise<Cost>;
}

export interface Cost {
  /** Of the rotating process and the compressing ones that it started, ms. */
  readonly cpuMs: number;
  /** Of the largest of them, MB. */
  readonly peakMb: number;
  /** What it says about itself, if it says anything. */
  readonly note: string;
}
