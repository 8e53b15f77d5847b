import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { IncidentRecord } from '../../src/incidents/journal.ts';
import { readIncidents } from '../../src/incidents/read-incidents.ts';
import type { BackendStatus } from '../../src/lifeguard/status.ts';
import { trigger } from '../../src/pm2/daemon/trigger.ts';
import { until } from './poll.ts';
import { freePort } from './port.ts';
import { ROOT, Sandbox } from './sandbox.ts';

const VICTIM = join(ROOT, 'test/fixtures/victim.cjs');

/** The schema's keys, loosely: what a test writes into its backend.yaml. */
export type BackendKeys = Readonly<Record<string, unknown>>;

export interface Victim {
  readonly name: string;
  readonly port: number;
  /** Tells the victim how to behave, see test/fixtures/victim.cjs. */
  tell(control: Readonly<Record<string, unknown>>): void;
}

/** The whole product on a real PM2 of its own: backends, lifeguard, PM2's daemon. */
export class Product {
  readonly sandbox: Sandbox;
  readonly victims: Victim[] = [];
  /** As in the configuration, under `alerts`. */
  readonly alerts: BackendKeys[] = [];
  /** As in the configuration, under `dashboard`. */
  dashboard: BackendKeys | null = null;
  readonly #backends: BackendKeys[] = [];

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.sandbox = new Sandbox(env);
    const index = pathToFileURL(join(ROOT, 'src/index.ts')).href;
    writeFileSync(
      join(this.sandbox.dir, 'ecosystem.config.ts'),
      `import { defineEcosystem } from ${JSON.stringify(index.replace('file://', ''))};\nexport const { apps } = defineEcosystem(import.meta.url, { backends: [], dashboard: null });\n`,
    );
  }

  /** Adds a backend that does as it is told, checked every 200 ms unless `keys` say otherwise. */
  async victim(name: string, keys: BackendKeys = {}): Promise<Victim> {
    const port = await freePort();
    const control = join(this.sandbox.dir, `${name}.json`);
    const { run, health, ...rest } = keys as { run?: BackendKeys; health?: BackendKeys };
    this.backend({
      name,
      port,
      run: { script: VICTIM, args: [control], ...run },
      health: { liveness: '/live', readiness: '/ready', interval: '200ms', timeout: '1s', ...health },
      ...rest,
    });
    const tell = (what: Readonly<Record<string, unknown>>) => writeFileSync(control, JSON.stringify(what));
    tell({});
    const victim = { name, port, tell };
    this.victims.push(victim);
    return victim;
  }

  backend(keys: BackendKeys): void {
    this.#backends.push(keys);
  }

  /** Starts it all, and waits until every backend is healthy if `healthy`. */
  async start({ healthy = true } = {}): Promise<void> {
    // JSON is YAML.
    const written = { backends: this.#backends, alerts: this.alerts, dashboard: this.dashboard };
    writeFileSync(join(this.sandbox.dir, 'backend.yaml'), JSON.stringify(written, null, 2));
    const { code, stdout, stderr } = await this.sandbox.pm2('start', 'ecosystem.config.ts');
    if (code !== 0) throw new Error(`pm2 start: ${stdout}\n${stderr}`);
    if (healthy) for (const { name } of this.victims) await this.untilState(name, 'healthy');
  }

  /** An action of lifeguard's, as `pm2 trigger lifeguard NAME PARAM`, but with an end. */
  ask(action: string, param = ''): Promise<Readonly<Record<string, unknown>>> {
    return trigger(this.sandbox.pm2Home, 'lifeguard', action, param, 6_000);
  }

  async status(name: string): Promise<BackendStatus> {
    const { backends } = (await this.ask('status', name)) as unknown as { backends: BackendStatus[] };
    const [status] = backends;
    if (!status) throw new Error(`no status of ${name}`);
    return status;
  }

  untilState(name: string, state: string, deadlineMs = 20_000): Promise<BackendStatus> {
    return until(
      `${name} to be ${state}`,
      async () => {
        const status = await this.status(name);
        if (status.policy.state === state) return status;
        throw new Error(`${status.policy.state}: ${status.policy.held ?? status.policy.lastFailure ?? ''}`);
      },
      { deadlineMs, everyMs: 100 },
    );
  }

  /** The process that answers now; null: nobody does within a second. */
  async pidOf({ port }: Victim, path = '/live'): Promise<number | null> {
    const body = await get(port, path).catch(() => null);
    return body === null ? null : (JSON.parse(body.text) as { pid: number }).pid;
  }

  /** Waits for an answer by another process than `old` and returns the milliseconds that it took. */
  async untilReplaced(victim: Victim, old: number | null, deadlineMs = 20_000): Promise<number> {
    const start = performance.now();
    await until(
      `${victim.name} to be answered by a new process`,
      async () => {
        const pid = await this.pidOf(victim);
        return pid !== null && pid !== old;
      },
      { deadlineMs, everyMs: 20 },
    );
    return Math.round(performance.now() - start);
  }

  incidents(name?: string): IncidentRecord[] {
    const all = readIncidents(join(this.sandbox.dir, 'logs/incidents.jsonl'), 10_000);
    return name === undefined ? all : all.filter(({ backend }) => backend === name);
  }

  /** Of the journal: what was decided and why, such as `restart hung`. */
  decisions(name?: string): string[] {
    return this.incidents(name).map(({ what, reason }) => `${what} ${reason.code}`);
  }

  dispose(): Promise<void> {
    return this.sandbox.dispose();
  }
}

export function get(port: number, path: string, method = 'GET'): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false, timeout: 1_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 1 s')));
    sent.on('error', reject);
    sent.end();
  });
}

/** Sends a command that the victim may not survive. */
export async function strike(port: number, path: string): Promise<void> {
  await get(port, path, 'POST').catch(() => undefined);
}

/** As process.kill, but only to a process: pid 0 would be this test's own group. */
export function signal(pid: number | null | undefined, name: NodeJS.Signals): void {
  if (!pid || pid <= 1) throw new Error(`no process to send ${name} to: pid ${pid}`);
  process.kill(pid, name);
}
