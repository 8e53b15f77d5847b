import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { program } from './binaries.ts';
import { DATABASE } from './credentials.ts';
import { needsLink, type Place } from './place.ts';

/** Only this role, only to this database, only from this machine; the superuser cannot log in at all. */
const HOST_BASED_ACCESS = `# TYPE DATABASE USER ADDRESS METHOD
host ${DATABASE} ${DATABASE} 127.0.0.1/32 scram-sha-256
`;

export function clusterExists({ cluster }: Place): boolean {
  return existsSync(join(cluster, 'PG_VERSION'));
}

/**
 * Makes the data folder, with the role and the database, beside its place and moves it there when it is whole, so that being
 * killed half-way leaves nothing that looks like data. @throws Error with what initdb said.
 */
export function createCluster(place: Place, password: string): void {
  const { cluster, link, account } = place;
  const fresh = `${cluster}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) chownSync(fresh, account.uid, account.gid);
  run(place, 'initdb', [
    ...['--pgdata', fresh, '--username', 'postgres', '--auth', 'reject'],
    // Sorting must not depend on the machine's libraries, or an upgrade of those would break the indexes.
    ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
  ]);
  singleUser(place, fresh, [
    `CREATE ROLE ${DATABASE} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${DATABASE} OWNER ${DATABASE}`,
  ]);
  writeFileSync(join(fresh, 'pg_hba.conf'), HOST_BASED_ACCESS, { flush: true }); // initdb has flushed all else
  renameSync(fresh, cluster);
  if (!needsLink(place)) return;
  rmSync(link, { force: true });
  symlinkSync(cluster, link);
}

/** For a server whose password is lost. It must not be running. */
export function setPassword(place: Place, password: string): void {
  singleUser(place, place.cluster, [`ALTER ROLE ${DATABASE} PASSWORD '${password}'`]);
}

/** What PostgreSQL's programs get as environment: ours, without what would change what they do. */
export function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG[A-Z]|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** A line is a statement. Errors are only printed by the server, so that is where they are looked for. */
function singleUser(place: Place, data: string, statements: readonly string[]): void {
  const said = run(place, 'postgres', ['--single', '-D', data, 'postgres'], `${statements.join('\n')}\n`);
  const error = /(?:ERROR|FATAL|PANIC):.*/.exec(said);
  if (error) throw new Error(`postgres --single: ${error[0]}`);
}

function run(place: Place, name: 'initdb' | 'postgres', args: readonly string[], input = ''): string {
  const { status, signal, stdout, stderr, error } = spawnSync(program(place.binaries, name), args, {
    ...place.account,
    cwd: dirname(place.cluster),
    env: environment(),
    input,
    encoding: 'utf8',
  });
  if (error) throw new Error(`${name} cannot be run: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`${name} failed (${signal ?? `exit ${status}`}): ${(stderr || stdout).trim()}`);
  return stdout + stderr;
}
