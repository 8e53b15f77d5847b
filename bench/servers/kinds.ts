import type { ServerKind } from '../../test/support/real-server.ts';

/** A kind of server: what it is called in the table, and how many workers take connections beside what PM2 started. */
export interface Kind {
  readonly server: ServerKind;
  readonly title: string;
  readonly workers: number;
  /** It cannot be asked for something slow. */
  readonly isQuickOnly?: true;
}

export const KINDS: readonly Kind[] = [
  { server: 'gunicorn', title: 'gunicorn, 2 workers', workers: 2 },
  { server: 'django', title: 'Django behind gunicorn, 2 workers', workers: 2 },
  { server: 'uvicorn', title: 'uvicorn --workers 2', workers: 2 },
  { server: 'uvicorn, one process', title: 'uvicorn', workers: 0 },
  { server: 'hypercorn', title: 'hypercorn --workers 2', workers: 2 },
  { server: 'http.server', title: 'python3 -m http.server', workers: 0, isQuickOnly: true },
  { server: 'node', title: 'Node', workers: 0 },
  { server: 'node, its own cluster', title: 'Node with its own cluster, 2 workers', workers: 2 },
];
