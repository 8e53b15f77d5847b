/** A text without specifiers: systemd replaces `%h` and its like in nearly every setting. */
export function plain(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A word of a list: quoted where it has to be, so that systemd reads back what was written. */
export function word(text: string): string {
  const inside = plain(text).replace(/["\\\p{Cc}]/gu, escaped);
  return /^[\w@%+=:,./-]+$/.test(text) ? plain(text) : `"${inside}"`;
}

/** A word of a command line, where `$` stands for a variable and a lone `;` ends the command. */
export function argument(text: string): string {
  return word(text).replaceAll('$', () => '$$');
}

function escaped(character: string): string {
  const named: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  return named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
