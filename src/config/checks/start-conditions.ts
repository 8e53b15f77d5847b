import { neededBackend } from '../../pm2/apps/start-order.ts';
import type { Conflict } from '../check.ts';
import type { Path } from '../located.ts';
import type { Backend, Ecosystem } from '../schema.ts';

type Dependency = Backend['depends_on'][number];

/** Starts that would wait for what never comes, or that cannot be made to wait. */
export function startConditions({ backends }: Ecosystem): Conflict[] {
  return backends.flatMap((backend, index) =>
    backend.depends_on.flatMap((dependency, at) => {
      const path: Path = ['backends', index, 'depends_on', at, 'start'];
      const other = backends.findIndex(({ name }) => name === neededBackend(dependency.check));
      const needed = backends[other];
      return [
        ...cannotWait(backend, dependency, path, index),
        ...(needed === undefined ? [] : neverComes(needed, dependency, path, other)),
        ...(neededBackend(dependency.check) === null ? ofNoBackend(dependency, path) : []),
      ];
    }),
  );
}

function cannotWait({ run, pmx }: Backend, { start }: Dependency, path: Path, index: number): Conflict[] {
  if (start === null) return [];
  if (run.instances > 1)
    return [
      {
        path,
        with: [['backends', index, 'run', 'instances']],
        message: 'a start that waits, with instances',
        hint: 'PM2 starts the workers of a cluster by itself. Take one of the two out.',
      },
    ];
  if (!pmx) return [];
  const hint = 'PM2 could not instrument what waits first. Take one of the two out.';
  return [{ path, with: [['backends', index, 'pmx']], message: 'a start that waits, with pmx', hint }];
}

function neverComes({ name, health }: Backend, { start }: Dependency, path: Path, other: number): Conflict[] {
  const conflict = (message: string, hint: string, key: Path): Conflict[] => [
    { path, with: key.length === 0 ? [] : [['backends', other, ...key]], message, hint },
  ];
  if (start === 'healthy' && health.liveness === null)
    return conflict(
      `${name} is never known to be healthy`,
      'Its health.liveness is null. Write start: started, or give it something that tells its health.',
      ['health', 'liveness'],
    );
  if (start === 'completed') return conflict(`${name} never completes`, 'It runs on. Write start: healthy, or started.', []);
  return [];
}

function ofNoBackend({ start }: Dependency, path: Path): Conflict[] {
  if (start === null || start === 'healthy') return [];
  const hint = 'Only a backend here is known to have started or completed. Write start: healthy.';
  return [{ path, with: [], message: `${start} of what is no backend here`, hint }];
}
