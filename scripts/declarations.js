// The declarations that a package needs: those that its entry reaches. tsc writes one for every source, and leaves `.ts` in their
// imports, which an installed package has none of.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /(?<=(?:from|import)\s*\(?\s*')(\.{1,2}\/[^']+)\.ts(?=')/g;

/**
 * @param {string} folder of what was compiled
 * @param {string} entry the declaration to begin with, below that folder
 */
export function keepReachedDeclarations(folder, entry) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(IMPORT)) visit(join(dirname(file), `${path}.d.ts`));
    writeFileSync(file, text.replaceAll(IMPORT, '$1.js'));
  };
  visit(join(folder, entry));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file);
  }
}
