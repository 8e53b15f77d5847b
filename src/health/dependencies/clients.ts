import { MissingClient } from './kept-connection.ts';

/** Which npm package speaks with what a check names; null: none is needed beyond this package's own. */
export function clientOf(check: string): string | null {
  if (/^postgres(ql)?[+:]/.test(check)) return 'pg';
  if (/^rediss?:/.test(check)) return 'ioredis';
  if (/^(mysql|mariadb)(\+\w+)?:/.test(check)) return 'mysql2';
  if (/^mongodb(\+srv)?:/.test(check)) return 'mongodb';
  return /^amqps?:/.test(check) ? 'amqplib' : null;
}

/** What to say where it is missing. */
export function clientMissing(check: string, client: string): string {
  const [scheme = ''] = check.split('+', 1);
  return `${scheme.split(':')[0]}:// is asked with the npm package ${client}, which is not installed: npm install ${client}`;
}

/**
 * Loads a client, which few need and which is therefore optional to install.
 * @throws MissingClient
 */
export async function loadClient<Client>(check: string, load: () => Promise<Client>): Promise<Client> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new MissingClient(`not asked: ${clientMissing(check, clientOf(check) ?? 'for it')}`);
  }
}
