/** One measurement that can be run by name. Its module is loaded only then. */
export interface Bench {
  /** One line for the overview. */
  readonly summary: string;
  readonly load: () => Promise<BenchModule>;
}

export interface BenchModule {
  readonly HELP: string;
  /** @param args what stands after the name @returns the exit status */
  run(args: readonly string[]): Promise<number>;
}

export const BENCHES: Readonly<Record<string, Bench>> = {
  recovery: {
    summary: 'seconds from a fault to the first 200 of a new process, and needless restarts, beside other watchers',
    load: () => import('./recovery/recovery.ts'),
  },
  cost: {
    summary: 'memory and processor time of lifeguard watching 1, 20 and 1,000 endpoints',
    load: () => import('./cost/cost.ts'),
  },
  checks: {
    summary: 'what the checks alone of 1,000 endpoints each second cost',
    load: () => import('./checks/checks.ts'),
  },
  logs: {
    summary: 'lines lost, doubled and torn by rotation at 1,000 to 200,000 lines a second, beside pm2-logrotate and logrotate',
    load: () => import('./logs/logs.ts'),
  },
  servers: {
    summary: 'real servers hurt in one way after the other: seconds, requests cut, processes left, restarts counted',
    load: () => import('./servers/servers.ts'),
  },
  status: {
    summary: 'how long lifeguard status takes beside pm2 ls, and what status --watch takes of a processor',
    load: () => import('./answers/status.ts'),
  },
  evidence: {
    summary: '100 crashes in a row: what their evidence takes, and whether a recovery waits for it',
    load: () => import('./evidence/evidence.ts'),
  },
  page: {
    summary: 'what 50 that look at the page cost lifeguard and the process that serves it',
    load: () => import('./page/page.ts'),
  },
  package: {
    summary: 'what the package holds, and what it takes to install on each Node',
    load: () => import('./package/package.ts'),
  },
};
