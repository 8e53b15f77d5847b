import { join, resolve } from 'node:path';
import { clusterExists, createCluster, setPassword } from './embedded/cluster.ts';
import { readCredentials, writeUrl } from './embedded/credentials.ts';
import { endLeftover } from './embedded/leftovers.ts';
import { takeLock } from './embedded/lock.ts';
import { choosePlace } from './embedded/place.ts';
import { mustBeFree, type Server, startServer } from './embedded/server.ts';
import { EnvironmentError, EnvironmentReader } from './environment.ts';

/** From the first signal: so long for an orderly (fast) shutdown, then an immediate one. PM2's kill_timeout must be longer: 15 s. */
const FAST_SHUTDOWN_MS = 8_000;

let server: Server | null = null;
let signals = 0;

/** The embedded PostgreSQL as an app of its own: it runs while this process runs, and this process ends when it does. */
async function main(): Promise<void> {
  const started = performance.now();
  const { directory, stateDirectory, port } = readSettings(process.env);
  const place = choosePlace(directory, stateDirectory);
  takeLock(join(directory, 'embedded-database.pid'));
  await endLeftover(place.cluster, say);
  await mustBeFree(port);

  const urlFile = join(directory, 'database-url');
  const { password, isNew } = readCredentials(urlFile);
  if (!clusterExists(place)) createCluster(place, password);
  else if (isNew) setPassword(place, password);
  writeUrl(urlFile, password, port);
  if (signals > 0) process.exit(0);

  server = startServer(place, port, say);
  if (signals > 0) stop();
  await server.ready.then(
    () => say(`database ready on 127.0.0.1:${port} after ${since(started)} ms; data in ${place.cluster}, URL in ${urlFile}`),
    (error: unknown) => {
      if (signals === 0) throw error;
    },
  );
  const how = await server.ended;
  if (signals > 0) process.exit(how === 'exit 0' ? 0 : 1);
  fail(`PostgreSQL ended by itself (${how})`);
}

function since(start: number): number {
  return Math.round(performance.now() - start);
}

function readSettings(env: NodeJS.ProcessEnv): { directory: string; stateDirectory: string; port: number } {
  const read = new EnvironmentReader(env);
  const settings = {
    directory: resolve(read.text('EMBEDDED_DATABASE_DIR', 'data')),
    stateDirectory: resolve(read.text('EMBEDDED_DATABASE_STATE_DIR', '/var/lib/pm2-lifeguard')),
    port: read.integer('EMBEDDED_DATABASE_PORT', 15_432, { min: 1, max: 65_535 }),
  };
  read.finish();
  return settings;
}

/** Fast: clients are disconnected and everything is written. A second signal, or time: immediate, and the next start recovers from its log. */
function stop(): void {
  if (!server) return;
  server.process.kill(signals > 1 ? 'SIGQUIT' : 'SIGINT');
  setTimeout(() => server?.process.kill('SIGQUIT'), FAST_SHUTDOWN_MS).unref();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1;
    stop();
  });
}
process.on('exit', () => server?.process.kill('SIGINT'));
// Whoever reads our output may go before us.
process.stdout.on('error', () => undefined);

main().catch((error: unknown) => {
  if (error instanceof EnvironmentError) fail(error.message);
  fail(error instanceof Error ? error.message : String(error));
});
