/** What compose puts in: `$$`, `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`. */
const DOLLAR = /\$(?:(\$)|(\w+)|\{(\w+)(?:(:?[-?+])([^}]*))?\})/g;

/** A text of a compose file as the container has it. null: it holds variables of whoever starts it. */
export function plainText(text: string): string | null {
  let isPlain = true;
  const plain = text.replace(DOLLAR, (_all, dollar: string | undefined) => {
    if (dollar === undefined) isPlain = false;
    return '$';
  });
  return isPlain ? plain : null;
}

/** The same with its variables as backend.yaml writes them: `${NAME}`, `${NAME:-default}`, and `$${` for a plain `${`. */
export function variableText(text: string): string {
  let said = '';
  let from = 0;
  const literal = (part: string) => part.replaceAll('${', () => '$${');
  for (const found of text.matchAll(DOLLAR)) {
    const [whole, dollar, bare, braced, operator, word = ''] = found;
    said += text.slice(from, found.index);
    from = found.index + whole.length;
    if (dollar !== undefined) said += text[from] === '{' ? '$$' : '$';
    else said += operator?.endsWith('-') ? `\${${bare ?? braced}:-${literal(word)}}` : `\${${bare ?? braced}}`;
  }
  return said + text.slice(from);
}
