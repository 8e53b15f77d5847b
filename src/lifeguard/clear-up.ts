import type { PortHolder } from '../policy/event.ts';
import type { Desk, Watched } from './watched.ts';

/** Ends what a backend's earlier processes have left behind; what it may have answered until then is forgotten. Never rejects. */
export async function clearUp(desk: Desk, watched: Watched): Promise<void> {
  if (await desk.ports.host.endLeftBehind(watched.config.name)) tellCleared(desk, watched);
}

/** Ends a process of ours that PM2 lost and that holds the backend's port. */
export async function endOrphan(desk: Desk, watched: Watched, holder: PortHolder): Promise<void> {
  await desk.ports.host.endOrphan(holder, watched.config.name);
  tellCleared(desk, watched);
}

/** Whose the first answer is that comes now is looked at once more. */
function tellCleared(desk: Desk, watched: Watched): void {
  watched.verified = null;
  desk.tell(watched, { type: 'cleared' });
}
