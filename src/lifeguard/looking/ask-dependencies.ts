import type { Desk, Watched } from '../watched.ts';

/** Asks all that the backend depends on, and tells the answers. */
export async function askDependencies(desk: Desk, watched: Watched): Promise<void> {
  await Promise.all(
    watched.dependencies.map(async ({ name, watch }) => {
      const { up, detail } = await watch.ask();
      desk.tell(watched, { type: 'dependency', name, up, detail });
    }),
  );
}
