import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from './child.ts';
import { freePort } from './port.ts';
import { removeFolder } from './remove-folder.ts';

/** The embedded PostgreSQL, on a port and in a folder of its own, for one test file. It can be stopped, started, frozen and killed. */
export class Postgres {
  readonly port: number;
  /** Its working directory; `data/` is in it. */
  readonly dir: string;
  #child: Child | null = null;

  private constructor(port: number) {
    this.port = port;
    this.dir = mkdtempSync(join(tmpdir(), 'lifeguard-postgres-'));
    // As root the server runs as another user, who has to get there.
    chmodSync(this.dir, 0o755);
  }

  static async start(): Promise<Postgres> {
    const postgres = new Postgres(await freePort());
    await postgres.start();
    return postgres;
  }

  get url(): string {
    return readFileSync(join(this.dir, 'data/database-url'), 'utf8').trim();
  }

  /** The process of the wrapper, PM2's app. */
  get child(): Child {
    if (!this.#child) throw new Error('not started');
    return this.#child;
  }

  /** The server itself. */
  get postmasterPid(): number {
    return Number(readFileSync(join(this.dir, 'data/postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  }

  async start(): Promise<void> {
    this.#child = new Child('src/backend/embedded-database.ts', {
      cwd: this.dir,
      env: { EMBEDDED_DATABASE_PORT: String(this.port) },
    });
    await this.#child.says('database ready on');
  }

  async stop(): Promise<void> {
    await this.#child?.end();
  }

  /** SIGSTOP to the server and to each of its processes: it accepts connections and never answers. */
  freeze(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGCONT');
  }

  async dispose(): Promise<void> {
    await this.stop();
    await removeFolder(this.dir);
  }

  #processes(): number[] {
    const postmaster = this.postmasterPid;
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim();
    return [postmaster, ...children.split(' ').filter(Boolean).map(Number)];
  }
}
