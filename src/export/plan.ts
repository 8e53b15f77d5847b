/** What an export comes to: a value that can be printed, compared and tested. Nothing has been written yet. */
export interface ExportPlan {
  readonly files: readonly ExportFile[];
  /** What a person has to know or do beside the files: a guess that was made, a value that was left out. No secret in them. */
  readonly notes: readonly string[];
  /** What to type once the files are there, one command a line. */
  readonly next: readonly string[];
}

export interface ExportFile {
  /** Below the folder that the export is written to. */
  readonly path: string;
  readonly text: string;
  /** Left out when everything is printed to one stream: an example, or a file that only makes sense beside the others. */
  readonly aside?: boolean;
}

/** A key of the configuration that the target cannot say, or says otherwise. It becomes a comment, so that nothing is dropped unseen. */
export interface Remark {
  /** The key and its value: `restart.max_restarts 10`. */
  readonly about: string;
  /** What the target does instead. */
  readonly text: string;
}
