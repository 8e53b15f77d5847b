import { join } from 'node:path';

/** Beside the journal; what the journal's lines name lies in here. */
export const EVIDENCE_FOLDER = 'evidence';

/** What the name of a folder of evidence says. */
export interface EvidenceName {
  readonly backend: string;
  readonly incident: number;
  /** Wall clock, ms. */
  readonly at: number;
}

/** `evidence/api-12-2026-11-27T03-12-05.123Z-hung`, relative to the journal. */
export function evidencePath({ backend, incident, at }: EvidenceName, code: string): string {
  const stamp = new Date(at).toISOString().replaceAll(':', '-');
  return join(EVIDENCE_FOLDER, `${plain(backend)}-${incident}-${stamp}-${plain(code)}`);
}

/** null: no folder of ours, which is left alone. */
export function parseEvidenceName(name: string): EvidenceName | null {
  const [, backend = '', incident, day, time] =
    /^(.+)-(\d+)-(\d{4}-\d\d-\d\d)T(\d\d-\d\d-\d\d\.\d{3})Z-[\w.-]+$/.exec(name) ?? [];
  if (incident === undefined || time === undefined) return null;
  const at = Date.parse(`${day}T${time.replaceAll('-', ':')}Z`);
  return Number.isNaN(at) ? null : { backend, incident: Number(incident), at };
}

/** As it may stand in a file name. */
export function plain(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}
