import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';

/**
 * What a stock PM2 would stumble over, for those who could use one. In a project of `"type": "commonjs"` Node takes ecosystem.config.ts
 * for CommonJS, refuses its `import` before any of it has run, and PM2 tries that 16 times.
 * @param place what the file gave to `defineEcosystem`: `import.meta.url` is a file: URL, and says that it is an ES module
 */
export function stockPm2Notes(place: string, { stripsTypes }: Pick<Machine, 'stripsTypes'>): string[] {
  if (!stripsTypes || !place.startsWith('file:')) return [];
  const file = fileURLToPath(place);
  if (extname(file) !== '.ts' || moduleTypeAt(dirname(file)) !== 'commonjs') return [];
  const [name, renamed] = [basename(file), basename(file).replace(/ts$/, 'mts')];
  return [
    `a stock pm2 cannot read ${name} here, as package.json says "type": "commonjs": mv ${name} ${renamed}, or write it with require (docs/your-backend.md)`,
  ];
}

/** `type` of the nearest package.json, as Node looks for it; undefined where it says nothing. */
function moduleTypeAt(folder: string): unknown {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return typeIn(readFileSync(file, 'utf8'));
  return dirname(folder) === folder ? undefined : moduleTypeAt(dirname(folder));
}

function typeIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { type?: unknown } | null)?.type;
  } catch {
    return undefined;
  }
}
