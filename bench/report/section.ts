import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

/**
 * Puts what a bench found between its markers, `<!-- NAME -->` and `<!-- /NAME -->`, in docs/benchmarks.md. Where there are none
 * yet, they are added at the end.
 */
export function writeSection(name: string, markdown: string, document = DOCUMENT): void {
  const text = existsSync(document) ? readFileSync(document, 'utf8') : '# Benchmarks\n';
  mkdirSync(dirname(document), { recursive: true });
  writeFileSync(document, withSection(text, name, markdown));
}

/** The same document with the section `name` replaced, or added at the end. */
export function withSection(text: string, name: string, markdown: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${open}\n${markdown.trim()}\n${close}`;
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from === -1 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
  return text.slice(0, from) + section + text.slice(to + close.length);
}
