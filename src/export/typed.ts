/** A command line as one types it into a shell: what a shell would take for more than a word is quoted. */
export function typed(...words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
