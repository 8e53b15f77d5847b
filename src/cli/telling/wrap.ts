import { stripVTControlCharacters } from 'node:util';

/**
 * A text in lines of at most `width` columns, broken between words; the second and further ones begin with `indent` spaces.
 * null: as one line. A word that is longer than a line stays whole, so that it can be copied.
 */
export function wrapped(text: string, width: number | null, indent = 2): string {
  if (width === null) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line.trim() !== '' && stripVTControlCharacters(longer).length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}
