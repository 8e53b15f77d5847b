import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What an ecosystem file may be called, the usual name first. In a CommonJS project `.mts` makes an ES module of it. */
const NAMES = ['ecosystem.config.ts', 'ecosystem.config.mts', 'ecosystem.config.cts'] as const;

/** The ecosystem file that is meant where none is named: the one in this folder, the usual name if there is none. */
export function ecosystemFileIn(folder: string): string {
  return NAMES.find((name) => existsSync(join(folder, name))) ?? NAMES[0];
}

/** `ecosystem.config.ts`, `shop.config.mts` and the like: a configuration file in TypeScript. */
export function isTypedConfig(file: string): boolean {
  return /\.config\.[cm]?ts$/.test(file);
}
