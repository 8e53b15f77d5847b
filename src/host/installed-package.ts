import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Whether an npm package is there for this one to use: optional ones may be left out. */
export function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
