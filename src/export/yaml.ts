import { Document } from 'yaml';
import { commented } from './comment.ts';

/**
 * One YAML document under a comment. Texts that YAML 1.1 takes for something else (yes, on, 22:22) are quoted: Kubernetes and
 * some readers of compose files still go by that version.
 */
export function yamlOf(value: unknown, comment: readonly string[] = []): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  const text = document.toString({ lineWidth: 0, indentSeq: false });
  return comment.length > 0 ? `${commented(comment)}\n${text}` : text;
}

/** Several documents in one file. */
export function yamlStream(documents: readonly string[]): string {
  return documents.map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('---\n');
}
