import { readConfig } from './config.ts';
import { Database } from './database/database.ts';
import { EnvironmentError } from './environment.ts';
import { createServer } from './http/server.ts';
import { openLog } from './log/logger.ts';
import { POSTS_SCHEMA } from './posts/posts.ts';
import { endOnSignals, endOnUncaught } from './shutdown.ts';

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const { logger, flush } = openLog(config.logDirectory, config.logLevel);
  endOnUncaught(logger, flush);
  const database = new Database(config.database, POSTS_SCHEMA, logger);
  const app = await createServer(config, database, logger);
  endOnSignals(() => app.close(), config.shutdownTimeoutMs, logger, flush);
  await app.ready();
  // Bounded by the check's time limit. With the database up no needless 503 is answered after a restart; with it down the
  // backend listens all the same, answers 503 and goes on with its tries: docs/decisions/reference-backend.md.
  await database.connect();
  try {
    await app.listen({ host: config.host, port: config.port });
    process.send?.('ready');
  } catch (error) {
    logger.fatal({ err: error }, `cannot listen on ${config.host}:${config.port}`);
    await flush();
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof EnvironmentError ? error.problems.map((line) => `error: ${line}`).join('\n') : error);
  process.exit(1);
});
