import type { ErrorCode, YAMLParseError, YAMLWarning } from 'yaml';
import type { Diagnostic } from '../mistakes/diagnostics.ts';
import type { Source } from './located.ts';
import { type NeverClosed, neverClosed } from './never-closed.ts';

export const DUPLICATE_KEY = 'the same key twice';

type Explanation = readonly [message: string, hint: string];

/**
 * What the parser found, in words for people. One slip often makes the parser stumble many times: only the first is told.
 * Keys that stand twice do not hide anything else, so each of them is.
 */
export function explainSyntax(source: Source, errors: readonly (YAMLParseError | YAMLWarning)[]): Diagnostic[] {
  const tell = (start: number, end: number, [message, hint]: Explanation): Diagnostic => {
    return { code: 'syntax', place: { kind: 'yaml', source, start, end }, message, expected: null, found: null, hint };
  };
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const open = first && !isVariable(source.text, first.pos[0]) ? neverClosed(source.text) : null;
  if (open) return [tell(open.start, open.end, NEVER_CLOSED[open.what])];
  const duplicates = errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  return [...duplicates, ...(first ? [first] : [])].map((error) =>
    tell(...rangeOf(source.text, error), explain(source.text, error)),
  );
}

const NEVER_CLOSED: Readonly<Record<NeverClosed['what'], Explanation>> = {
  '{': ['a { that is never closed', 'Close it with }.'],
  '[': ['a [ that is never closed', 'Close it with ].'],
  quote: ['a quote that is never closed', 'Close it on the same line.'],
};

function explain(text: string, { code, pos, message }: YAMLParseError | YAMLWarning): Explanation {
  if (isVariable(text, pos[0])) return ['a variable inside { } or [ ] needs quotes', 'Write "${NAME}".'];
  const tight = code === 'MULTILINE_IMPLICIT_KEY' ? /^([\w-]+):(\S+)$/m.exec(text.slice(...pos)) : null;
  if (tight) return ['a colon without a space after it', `Write ${tight[1]}: ${tight[2]}.`];
  return (
    BY_CODE[code] ?? [
      `not valid YAML: ${message.replace(/^./, (letter) => letter.toLowerCase())}`,
      'See https://yaml.org/spec/1.2.2 for what may stand here.',
    ]
  );
}

/** Where to point: the parser often stops behind the slip. */
function rangeOf(text: string, { code, pos }: YAMLParseError | YAMLWarning): [number, number] {
  const [start, end] = pos;
  if (code === 'DUPLICATE_KEY') return [start, start + (/^[^\s:]+/.exec(text.slice(start))?.[0].length ?? 1)];
  if (isVariable(text, start)) return [start - 1, start + (/^[^}\n]*\}?/.exec(text.slice(start))?.[0].length ?? 1)];
  const blank = /^ +(?=\S)/.exec(text.slice(start))?.[0].length ?? 0;
  return code === 'BAD_INDENT' || code === 'MISSING_CHAR' ? [start + blank, Math.max(end, start + blank + 1)] : [start, end];
}

/** `{` of a `${` that the parser took for the beginning of a mapping. */
function isVariable(text: string, offset: number): boolean {
  return text.slice(offset - 1, offset + 1) === '${';
}

const ESCAPE: Explanation = [
  'an escape that YAML does not know',
  "In double quotes a backslash starts an escape: double it, or use single quotes '…'.",
];

const BY_CODE: Partial<Record<ErrorCode, Explanation>> = {
  DUPLICATE_KEY: [DUPLICATE_KEY, 'Keep one of the two.'],
  TAB_AS_INDENT: ['a tab as indentation', 'YAML is indented with spaces only: replace the tab.'],
  BAD_INDENT: ['the indentation does not fit', 'Line it up with the other keys of the same block.'],
  MISSING_CHAR: [
    'the indentation does not fit',
    'Line it up with the keys of the list entry above, or begin a new entry with "- ".',
  ],
  MULTILINE_IMPLICIT_KEY: ['a key without its ": "', 'A key is followed by a colon and a space: name: value.'],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " in one line', 'If the colon is part of the text, put the text in quotes.'],
  BAD_SCALAR_START: ['a text cannot begin with this character', 'Put the text in quotes.'],
  BAD_ALIAS: ['a text cannot begin with *', 'Put the text in quotes.'],
  BAD_DQ_ESCAPE: ESCAPE,
  NON_STRING_KEY: ['a key must be a word', 'Write name: value.'],
  TAG_RESOLVE_FAILED: ['tags such as !! are not used here', 'Remove the tag.'],
};
