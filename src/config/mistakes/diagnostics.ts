import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { redactUrls } from '../../units/redact-urls.ts';
import type { Origin, Path, Source } from '../reading/located.ts';

export type DiagnosticCode = 'file' | 'syntax' | 'unset-variable' | 'unknown-key' | 'missing-key' | 'wrong-value' | 'conflict';

/** Where a mistake is: in a text, at a key path of a TypeScript file, or the file itself (not there, not readable). */
export type Place = Origin | { readonly kind: 'file'; readonly source: Omit<Source, 'text'> };

/** One mistake, with all that a person needs to mend it. No value that came from a variable is ever in it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly place: Place;
  /** What is wrong, in a few words. */
  readonly message: string;
  readonly expected: string | null;
  readonly found: string | null;
  /** What to do, a sentence. */
  readonly hint: string | null;
  /** Where secrets were written out: on the line that is shown they are asterisks. */
  readonly secrets?: readonly Origin[];
}

/** Thrown when a configuration cannot be used: all of its mistakes, sorted by file and position. */
export class ConfigError extends LifeguardError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const sorted = sortDiagnostics(diagnostics);
    super('config-invalid', formatDiagnostics(sorted));
    this.diagnostics = sorted;
  }
}

export type Paint = (style: 'bold' | 'red' | 'dim' | 'cyan', text: string) => string;
const unpainted: Paint = (_style, text) => text;

/** All of them, each as a compiler would show it, and how many there are. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], paint: Paint = unpainted): string {
  const count = diagnostics.length === 1 ? 'One mistake' : `${diagnostics.length} mistakes`;
  return [
    ...diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, paint)),
    `${count}. Nothing was started or changed.`,
  ].join('\n\n');
}

function formatDiagnostic({ place, message, expected, found, hint, secrets = [] }: Diagnostic, paint: Paint): string {
  const notes = Object.entries({ expected, found, hint })
    .filter((note): note is [string, string] => note[1] !== null)
    .map(([label, text]) => `  ${paint('cyan', label.padEnd(8))}  ${text}`);
  const excerpt = place.kind === 'yaml' ? excerptOf(place, secrets, paint) : [];
  return [`${paint('bold', where(place))}: ${paint('red', message)}`, ...excerpt, ...notes].join('\n');
}

/** `backend.yaml:12:7`, or `ecosystem.config.ts: backends[0].port`. */
export function where(place: Place): string {
  if (place.kind === 'file') return place.source.shown;
  if (place.kind === 'typescript')
    return place.path.length === 0 ? place.source.shown : `${place.source.shown}: ${formatPath(place.path)}`;
  const { line, column } = positionOf(place);
  return `${place.source.shown}:${line}:${column}`;
}

/** `backends[0].restart.max_restarts`. */
export function formatPath(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** For `--json`: what {@link formatDiagnostics} shows, as data. */
export function diagnosticToJson({ code, place, message, expected, found, hint }: Diagnostic) {
  const position = place.kind === 'yaml' ? positionOf(place) : { line: null, column: null };
  const path = place.kind === 'typescript' ? formatPath(place.path) : null;
  return { code, file: place.source.file, ...position, path, message, expected, found, hint };
}

type InText = Extract<Origin, { kind: 'yaml' }>;

/** Line and column count from 1, columns in characters. */
function positionOf({ source, start }: InText): { line: number; column: number } {
  const before = source.text.slice(0, start).split('\n');
  return { line: before.length, column: [...(before.at(-1) ?? '')].length + 1 };
}

const WIDEST = 110;

/** The line and a caret below it. Of a very long line the part around the place. */
function excerptOf(place: InText, secrets: readonly Origin[], paint: Paint): string[] {
  const { text } = place.source;
  const lineStart = text.lastIndexOf('\n', place.start - 1) + 1;
  const lineEnd = text.indexOf('\n', place.start) < 0 ? text.length : text.indexOf('\n', place.start);
  const raw = text.slice(lineStart, lineEnd).replace(/\r$/, '');
  const from = Math.min(place.start - lineStart, raw.length);
  const to = Math.max(from + 1, Math.min(place.end - lineStart, raw.length));
  const masked = maskCredentials(withoutSecrets(raw, lineStart, place.source, secrets));
  const clipFrom = to > WIDEST ? Math.max(0, from - 40) : 0;
  const clip = (part: string) => part.replace(/[^\P{Cc}\t]/gu, '\u{FFFD}');
  const line =
    (clipFrom > 0 ? '…' : '') + clip(masked.slice(clipFrom, clipFrom + WIDEST)) + (masked.length > clipFrom + WIDEST ? '…' : '');
  const indent = (clipFrom > 0 ? ' ' : '') + masked.slice(clipFrom, from).replace(/[^\t]/gu, ' ');
  const number = String(positionOf(place).line).padStart(5);
  const caret = '^'.repeat(Math.min([...raw.slice(from, to)].length || 1, WIDEST));
  return [`${paint('dim', `${number} |`)} ${line}`, `${paint('dim', '      |')} ${indent}${paint('red', caret)}`];
}

function withoutSecrets(line: string, lineStart: number, source: Source, secrets: readonly Origin[]): string {
  let shown = line;
  for (const secret of secrets) {
    if (secret.kind !== 'yaml' || secret.source.file !== source.file) continue;
    const from = Math.max(0, secret.start - lineStart);
    const to = Math.min(line.length, secret.end - lineStart);
    if (from < to) shown = shown.slice(0, from) + '*'.repeat(to - from) + shown.slice(to);
  }
  return shown;
}

/** A password in a URL is nobody's business: `postgres://app:****@host`. The length stays, so that the caret fits. */
export function maskCredentials(text: string): string {
  return redactUrls(text, (secret) => '*'.repeat(secret.length));
}

function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const offset = ({ place }: Diagnostic) => (place.kind === 'yaml' ? place.start : 0);
  const file = ({ place }: Diagnostic) => place.source.shown;
  return [...diagnostics].sort((a, b) => (file(a) < file(b) ? -1 : file(a) > file(b) ? 1 : offset(a) - offset(b)));
}
