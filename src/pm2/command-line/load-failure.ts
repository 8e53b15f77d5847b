import { readFileSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LifeguardError } from '../../errors/lifeguard-error.ts';

/** Where in a file something went wrong; lines and columns count from 1. */
interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * What an ecosystem file threw, or why it cannot be read, with the line that did it: a stack of Node's and the compiler's own files
 * says nothing to a person.
 * @param file absolute
 */
export function loadFailure(error: unknown, file: string): LifeguardError {
  const [text, spot] = compilerError(error, file) ?? missingImport(error, file) ?? thrown(error, file);
  const at = spot ?? { file, line: 0, column: 0 };
  const where = [shown(at.file), ...(at.line > 0 ? [at.line, ...(at.column > 0 ? [at.column] : [])] : [])].join(':');
  return new LifeguardError('ecosystem-file', [`${where}: ${text}`, ...excerpt(at)].join('\n'), {
    hint: 'Nothing was started or changed.',
    cause: error,
  });
}

/** esbuild's: `FILE:LINE:COLUMN: ERROR: what`; its columns count from 0, and a `.cts` file is a `.ts` to it. */
function compilerError(error: unknown, file: string): [string, Spot] | null {
  const [, place, line, column, text] = /^(.+):(\d+):(\d+): ERROR: (.+)$/m.exec(messageOf(error)) ?? [];
  if (place === undefined || text === undefined) return null;
  const isThis = place.replace(/\.ts$/, '') === realpathSync(file).replace(/\.[cm]?ts$/, '');
  return [text, { file: isThis ? file : place, line: Number(line), column: Number(column) + 1 }];
}

/** Node's: a module that is not there, or that has no such export. It names the file, and no line. */
function missingImport(error: unknown, file: string): [string, Spot | null] | null {
  const message = messageOf(error);
  const [, what, wanted = ''] = /(Cannot find (?:module|package) '([^']+)')/.exec(message) ?? [];
  const [, noExport, from = '', name = ''] =
    /(The requested module '([^']+)' does not provide an export named '([^']+)')/.exec(message) ?? [];
  if (what === undefined && noExport === undefined) return null;
  const lines = read(file).split('\n');
  const last =
    wanted
      .split('/')
      .at(-1)
      ?.replace(/\.\w+$/, '') ?? '';
  const at = lines.findIndex((line) =>
    noExport ? line.includes(from) && line.includes(name) : /\b(from|import|require)\b/.test(line) && line.includes(last),
  );
  return [noExport ?? what ?? message, at < 0 ? null : { file, line: at + 1, column: 0 }];
}

/** Whatever was thrown while it ran: the innermost place in the file itself. */
function thrown(error: unknown, file: string): [string, Spot | null] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = [...stack.matchAll(/^ +at .*?\(?((?:file:\/\/)?\/[^()]+?):(\d+):(\d+)\)?$/gm)].map(
    ([, place = '', line, column]) => {
      return { file: pathOf(place), line: Number(line), column: Number(column) };
    },
  );
  const real = realpathSync(file);
  const own = frames.find((frame) => frame.file === real) ?? null;
  return [error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`, own];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** tsx adds a query of its own. */
function pathOf(place: string): string {
  const plain = place.replace(/\?.*$/, '');
  return plain.startsWith('file:') ? fileURLToPath(plain) : plain;
}

function excerpt({ file, line, column }: Spot): string[] {
  const text = line > 0 ? read(file).split('\n')[line - 1] : undefined;
  if (text === undefined || text.length > 200) return [];
  const caret = column > 0 ? [`      | ${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`] : [];
  return [`${String(line).padStart(5)} | ${text}`, ...caret];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** As one would type it from here. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
