import { Lexer } from 'yaml';

/** A bracket or quote that is opened and never closed; offsets are into the text. */
export interface NeverClosed {
  readonly what: '{' | '[' | 'quote';
  readonly start: number;
  readonly end: number;
}

/** Marks that the lexer puts between the pieces of the text, without a place in it (yaml's cst.js). */
const DOCUMENT = '\u0002';
const FLOW_END = '\u0018';
const SCALAR = '\u001f';

const CLOSES: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/**
 * The first bracket or quote of a YAML text that is never closed; null: each is. The parser only notices where something else no
 * longer fits, often lines below.
 */
export function neverClosed(text: string): NeverClosed | null {
  const open: { readonly what: '{' | '['; readonly start: number }[] = [];
  let at = 0;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    const innermost = open.at(-1);
    if (token === FLOW_END && innermost && !closesNext(text, at, innermost.what)) return bracket(innermost);
    if (token === DOCUMENT || token === FLOW_END || token === SCALAR) {
      isText = token === SCALAR;
      continue;
    }
    if (!isText) {
      if (token === '{' || token === '[') open.push({ what: token, start: at });
      else if ((token === '}' || token === ']') && innermost) {
        if (CLOSES[innermost.what] !== token) return bracket(innermost);
        open.pop();
      } else if (isOpenQuote(token)) return { what: 'quote', start: at, end: at + (token.split('\n')[0] ?? token).length };
    }
    isText = false;
    at += token.length;
  }
  return null;
}

function bracket({ what, start }: { readonly what: '{' | '['; readonly start: number }): NeverClosed {
  return { what, start, end: start + 1 };
}

/** It is closed after all, only not as far in as it should be. */
function closesNext(text: string, at: number, what: '{' | '['): boolean {
  return text
    .slice(at)
    .trimStart()
    .startsWith(CLOSES[what] ?? '');
}

function isOpenQuote(token: string): boolean {
  const [quote = ''] = token;
  if (quote === "'") return !/^'(?:[^']|'')*'$/.test(token);
  return quote === '"' && !/^"(?:[^"\\]|\\[\s\S])*"$/.test(token);
}
