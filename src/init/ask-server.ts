import { checkTarget } from '../health/check.ts';
import type { Draft, DraftBackend } from './draft.ts';
import { HEALTH_PATHS, healthAmong } from './health-routes.ts';

const WITHIN_MS = 1_000;

/** Where the backend answers already, it is asked for what the source does not tell. Another program may be on the port: only 200 counts. */
export async function withAnswers(draft: Draft): Promise<Draft> {
  const backends = await Promise.all(draft.backends.map(asked));
  const told = new Set(backends.filter(({ comments }, i) => comments.health !== draft.backends[i]?.comments.health));
  return {
    ...draft,
    backends,
    notes: told.size === 0 ? draft.notes : draft.notes.filter((note) => !note.includes('No health route')),
  };
}

async function asked(backend: DraftBackend): Promise<DraftBackend> {
  const { port, liveness } = backend;
  if (port === null || (liveness !== 'tcp' && liveness !== '/openapi.json')) return backend;
  const answers = await Promise.all(
    HEALTH_PATHS.map(async (path) => ({ path, answer: await checkTarget(`http://127.0.0.1:${port}${path}`, WITHIN_MS) })),
  );
  const there = answers.flatMap(({ path, answer }) => (answer.kind === 'answer' && answer.status === 200 ? [path] : []));
  const found = healthAmong(new Set(there));
  if (found.liveness === null) return backend;
  const { health: _gone, ...comments } = backend.comments;
  return { ...backend, ...found, comments };
}
