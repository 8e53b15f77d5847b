/** One backend as it was found: what goes into backend.yaml, in the configuration's own words. */
export interface DraftBackend {
  readonly name: string;
  /** A program and its arguments, without a shell; or a script. */
  readonly run: DraftRun;
  /** null: it listens on none. */
  readonly port: number | null;
  /** Paths; `tcp`: nothing that could be asked was found, but it listens; null: nothing is to be asked. */
  readonly liveness: string | 'tcp' | null;
  readonly readiness: string | null;
  /** A comment above a line of backend.yaml, by its key: `port`, `run`, `health`. */
  readonly comments: Readonly<Partial<Record<'run' | 'port' | 'health', string>>>;
  /** e.g. `500M`; null: none. */
  readonly maxMemory: string | null;
}

export interface DraftRun {
  readonly command?: string;
  readonly script?: string;
  readonly interpreter?: string;
  readonly args?: readonly string[];
  /** Absent: the folder of the configuration. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly instances?: number;
}

/** What a reader made of a project. */
export interface Draft {
  /** What it was recognised as, for people: `a FastAPI app (app/main.py)`. */
  readonly found: string;
  readonly backends: readonly DraftBackend[];
  /** What was not understood, or needs somebody's word: a sentence each. */
  readonly notes: readonly string[];
  /** The apps run in PM2 already, under these names. */
  readonly adopts: boolean;
}

/** A name that PM2 and a log file can bear. */
export function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64);
  return name === '' ? 'backend' : name;
}
