/** C's escapes, as systemd reads them; `\s` is a space. */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', s: ' ', '\\': '\\', '"': '"', "'": "'", ';': ';' },
};
const ESCAPED = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/is;

/** A text as it is without its specifiers: `%%` is a percent sign. null: it has others, such as `%h`, whose value nobody knows here. */
export function withoutSpecifiers(text: string): string | null {
  return /%[^%]/.test(text.replaceAll('%%', '')) ? null : text.replaceAll('%%', '%');
}

/** The words of a setting (systemd.syntax(7)): quotes, C's escapes, `%%`. null: a quote is never closed, it has specifiers, or it is two command lines. */
export function systemdWords(line: string): string[] | null {
  const text = withoutSpecifiers(line);
  if (text === null) return null;
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; ) {
    if (quote === '' && word === null && /^;(\s|$)/.test(text.slice(at))) return null;
    const char = text[at] ?? '';
    const escaped = char === '\\' ? ESCAPED.exec(text.slice(at)) : null;
    at += escaped?.[0].length ?? 1;
    if (escaped) word = (word ?? '') + meant(escaped);
    else if (quote === '' && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === quote) quote = '';
    else if (quote === '' && /["']/.test(char)) [quote, word] = [char, word ?? ''];
    else word = (word ?? '') + char;
  }
  if (word !== null) words.push(word);
  return quote === '' ? words : null;
}

function meant([whole, byte, short, long, octal, letter = '']: RegExpExecArray): string {
  const code = byte ?? short ?? long;
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  return octal !== undefined ? String.fromCodePoint(Number.parseInt(octal, 8)) : (ESCAPES[letter] ?? whole);
}

/**
 * The words of a command line: variables are put in, `$$` is a dollar. There is no shell.
 * null: a variable is not among `variables`, or it is more than one command
 */
export function systemdCommand(line: string, variables: Readonly<Record<string, string>>): string[] | null {
  const words = systemdWords(line);
  if (words === null) return null;
  let isKnown = true;
  const known = (name: string) => {
    if (!Object.hasOwn(variables, name)) isKnown = false;
    return variables[name] ?? '';
  };
  const filled = words.flatMap((word) => {
    const [, alone] = /^\$(\w+)$/.exec(word) ?? [];
    if (alone !== undefined) return known(alone).split(/\s+/).filter(Boolean);
    return word.replace(/\$\$|\$\{(\w+)\}/g, (_all, name: string | undefined) => (name === undefined ? '$' : known(name)));
  });
  return isKnown && filled.length > 0 ? filled : null;
}
