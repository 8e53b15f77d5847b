import type { Path } from '../reading/located.ts';

type Plain = Record<string, unknown>;

/**
 * Takes what is wrong by itself out of a plain configuration (which it changes), so that the rules between keys can be held against
 * the rest. What a backend cannot do without is replaced by a stand-in; a list goes as a whole, so that no other entry moves.
 */
export function takeOut(config: unknown, wrong: readonly Path[]): unknown {
  if (!isObject(config)) return {};
  for (const path of wrong) {
    if (path[0] === 'backends' && typeof path[1] === 'number') takeOutOfBackend(config, path[1], path.slice(2));
    else remove(config, path);
  }
  return config;
}

function takeOutOfBackend(config: Plain, index: number, path: Path): void {
  if (!Array.isArray(config.backends)) return;
  const backends = config.backends as unknown[];
  const standIn = { name: `stand-in-${index}`, run: { command: 'true' } };
  const backend = backends[index];
  if (path.length === 0 || !isObject(backend)) backends[index] = standIn;
  else if (path[0] === 'name') backend.name = standIn.name;
  else if (path[0] === 'run' && path.length === 1) backend.run = standIn.run;
  else remove(backend, path);
}

/** Removes a property; a path that goes through a list removes the list. */
function remove(from: Plain, path: Path): void {
  const [step, next] = path;
  if (typeof step !== 'string') return;
  const below = from[step];
  if (next === undefined || typeof next === 'number' || !isObject(below)) delete from[step];
  else remove(below, path.slice(1));
}

function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
