import { readFileSync } from 'node:fs';

/**
 * The connection URL, read anew at each attempt to connect: the embedded server may write its file later than the backend
 * starts, and writes another one when its data is deleted. It is not taken from PM2's environment, which PM2 saves in clear.
 * @throws Error when neither is there.
 */
export function databaseUrl({ url, urlFile }: { readonly url: string | null; readonly urlFile: string }): string {
  if (url !== null) return url;
  try {
    return readFileSync(urlFile, 'utf8').trim();
  } catch (cause) {
    throw new Error(`DATABASE_URL is not set and ${urlFile} cannot be read: the embedded database has not written it yet`, {
      cause,
    });
  }
}
