import { request } from 'node:http';
import { Child } from './child.ts';
import { until } from './poll.ts';
import { freePort } from './port.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly json: Record<string, unknown> & { services?: { database: string; api: string } };
}

/** The reference backend as a real process. */
export class Backend {
  readonly child: Child;
  readonly port: number;

  private constructor(child: Child, port: number) {
    this.child = child;
    this.port = port;
  }

  /** Returns when it listens, whether it is healthy or not. */
  static async start(cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Backend> {
    const port = await freePort();
    const child = new Child('src/backend/main.ts', { cwd, env: { PORT: String(port), ...env } });
    await child.says('Server listening');
    return new Backend(child, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** One request on a connection of its own, without a time limit. */
  fetch(
    path: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: object } = {},
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, {
        method,
        agent: false,
        headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      });
      const failed = (error: Error) =>
        reject(this.child.running ? error : new Error(`it has ended: ${this.child.output.slice(-2_000)}`, { cause: error }));
      sent.on('error', failed).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject).on('end', () => {
          const json = text.startsWith('{') ? (JSON.parse(text) as HttpAnswer['json']) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json });
        });
      });
      sent.end(body ? JSON.stringify(body) : undefined);
    });
  }

  write(title: string): Promise<HttpAnswer> {
    return this.fetch('/api/posts', { method: 'POST', body: { title } });
  }

  /** Polls /health until it answers so. @returns after how many ms it did. */
  async health(status: 200 | 503): Promise<number> {
    const start = performance.now();
    await until(`/health to answer ${status}`, async () => (await this.fetch('/health')).status === status, {
      everyMs: 20,
      deadlineMs: 60_000,
    });
    return performance.now() - start;
  }
}
