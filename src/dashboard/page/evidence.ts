import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readEvidence } from '../../incidents/evidence/read.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import type { EvidenceFile } from '../view.ts';
import { ownersText } from './public-text.ts';

/** The newest looks of an incident, and of each file so much. */
const FOLDERS = 3;
const MOST_BYTES = 16 * 1024;

/** What was set down of an incident before its process was touched, for who has shown the token: on disk it is for its owner alone. */
export function evidenceOf(records: readonly IncidentRecord[], journal: string): EvidenceFile[] {
  const lines = records.map((record) => JSON.stringify(record)).join('\n');
  const named = [...new Set(records.flatMap(({ evidence }) => evidence ?? []))].slice(-FOLDERS);
  const folders = named.flatMap((name) => {
    const folder = join(dirname(journal), name);
    // Nothing but what lies beside the journal, whatever a line of it says.
    return relative(dirname(journal), folder).startsWith('..') ? [] : (readEvidence(folder) ?? []);
  });
  const files = folders.flatMap(({ folder, files: inside }) =>
    inside.map((name) => ({ name: relative(dirname(journal), join(folder, name)), text: beginningOf(join(folder, name)) })),
  );
  return [{ name: 'incidents.jsonl', text: lines }, ...files].map(({ name, text }) => ({ name, text: ownersText(text) }));
}

function beginningOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, MOST_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}
