import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../mistakes/diagnostics.ts';
import type { Source } from './located.ts';

type ReadSource = { readonly ok: true; readonly source: Source } | { readonly ok: false; readonly diagnostic: Diagnostic };

const LARGEST_BYTES = 1024 * 1024;

/** Reads a configuration file as UTF-8, a byte order mark left out. What can go wrong with a file comes back as a diagnostic. */
export function readSource(file: string, shown: string): ReadSource {
  const fail = (message: string, hint: string | null): ReadSource => ({
    ok: false,
    diagnostic: { code: 'file', place: { kind: 'file', source: { file, shown } }, message, expected: null, found: null, hint },
  });
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const [message, hint] = FILE_ERRORS[code] ?? [`cannot be read (${code})`, null];
    return fail(message, hint);
  }
  if (bytes.length > LARGEST_BYTES) return fail(`is larger than ${LARGEST_BYTES / 1024 / 1024} MB`, 'Is this the right file?');
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return fail('is UTF-16, not UTF-8', 'Save it as UTF-8: iconv -f UTF-16 -t UTF-8.');
  }
  try {
    return { ok: true, source: { file, shown, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) } };
  } catch {
    return fail(`is not UTF-8 (line ${firstBadLine(bytes)})`, 'Save it as UTF-8, for instance with iconv -f LATIN1 -t UTF-8.');
  }
}

const FILE_ERRORS: Record<string, [message: string, hint: string | null]> = {
  ENOENT: ['there is no such file', null],
  ENOTDIR: ['there is no such file', 'Part of its path is a file, not a folder.'],
  EISDIR: ['is a folder, not a file', 'Name the file in it.'],
  EACCES: ['may not be read by this user', 'chmod or chown it, or run as the user that owns it.'],
  ELOOP: ['is a circle of symbolic links', null],
};

/** The first line that cannot be decoded, counted from 1. */
function firstBadLine(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n');
  const bad = lines.findIndex((line) => {
    const raw = Buffer.from(line, 'latin1');
    return !raw.equals(Buffer.from(raw.toString('utf8'), 'utf8'));
  });
  return bad + 1;
}
