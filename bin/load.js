// Loads one of this package's programs: compiled, or from its TypeScript source through tsx.
import { pathToFileURL } from 'node:url';
import { built } from './built.cjs';

/** @param {string} source such as `src/cli/main.ts` */
export async function load(source) {
  try {
    const file = built(source);
    if (file) return await import(pathToFileURL(file).href);
    const { tsImport } = await import('tsx/esm/api');
    return await tsImport(`../${source}`, import.meta.url);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error;
    console.error(`error: ${error.message.split(' imported from')[0]}\nnpm ci installs what is missing.`);
    process.exit(1);
  }
}
