import { neededBackend } from '../../pm2/apps/start-order.ts';
import type { Conflict } from '../check.ts';
import type { Path } from '../reading/located.ts';
import type { Backend, Ecosystem } from '../schema/schema.ts';

type Dependency = Backend['depends_on'][number];

/** Starts that would wait for what never comes, or that cannot be made to wait. */
export function startConditions({ backends }: Ecosystem): Conflict[] {
  return backends.flatMap((backend, index) => [
    ...cannotWait(backend, index),
    ...backend.depends_on.flatMap((dependency, at) => {
      const path: Path = ['backends', index, 'depends_on', at, 'start'];
      if (neededBackend(dependency.check) === null) return ofNoBackend(dependency, ['backends', index, 'depends_on', at]);
      const other = backends.findIndex(({ name }) => name === neededBackend(dependency.check));
      const needed = backends[other];
      return needed === undefined ? [] : neverComes(needed, dependency, path, other);
    }),
  ]);
}

/** PM2 starts these by a program of its own, and no launcher of ours can be in between. */
function cannotWait({ run, pmx, depends_on }: Backend, index: number): Conflict[] {
  const at = depends_on.findIndex(({ start }) => start !== null);
  if (run.once) return []; // told as what a job cannot be
  const what = at >= 0 ? 'a start that waits' : run.before.length > 0 ? 'a command before the start' : null;
  if (what === null || (run.instances === 1 && !pmx)) return [];
  const path: Path = at >= 0 ? ['depends_on', at, 'start'] : ['run', 'before'];
  const [key, why]: [Path, string] =
    run.instances > 1
      ? [['run', 'instances'], 'PM2 starts the workers of a cluster by itself.']
      : [['pmx'], 'PM2 could not instrument what waits first.'];
  const conflict = { message: `${what}, with ${key.at(-1)}`, hint: `${why} Take one of the two out.` };
  return [{ path: ['backends', index, ...path], with: [['backends', index, ...key]], ...conflict }];
}

function neverComes({ name, run, health }: Backend, { start }: Dependency, path: Path, other: number): Conflict[] {
  const conflict = (key: Path, message: string, hint: string): Conflict[] => [
    { path, with: [['backends', other, ...key]], message, hint },
  ];
  if (start === 'completed' && !run.once)
    return conflict(
      ['run', 'once'],
      `${name} never completes`,
      'Write start: healthy or started, or make it a job: run: { once: true }.',
    );
  if (start === 'healthy' && run.once)
    return conflict(['run', 'once'], `${name} is a job`, 'It is never healthy, but done. Write start: completed.');
  if (start === 'healthy' && health.liveness === null)
    return conflict(
      ['health', 'liveness'],
      `${name} is never known to be healthy`,
      'Its health.liveness is null. Write start: started, or give it something that tells its health.',
    );
  return [];
}

function ofNoBackend({ start, restart_with }: Dependency, path: Path): Conflict[] {
  const conflict = (key: string, what: string, hint: string): Conflict[] => [
    { path: [...path, key], with: [], message: `${what} of what is no backend here`, hint },
  ];
  return [
    ...(start === null || start === 'healthy'
      ? []
      : conflict('start', start, 'Only a backend here is known to have started or completed. Write start: healthy.')),
    ...(restart_with
      ? conflict('restart_with', 'restart_with', 'Only of a backend here is it known when it was restarted. Take it out.')
      : []),
  ];
}
