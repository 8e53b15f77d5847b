import type { BusEvent } from '../pm2/types.ts';
import type { ExitInfo, PortHolder } from '../policy/event.ts';
import { type Happening, processesUp, takeBusEvent, takeList } from './processes.ts';
import type { Desk, Watched } from './watched.ts';

const AFTER_OPERATOR_MS = 500;

/** Takes in one message of the daemon's bus. Facts of one backend are told in the order in which they came. */
export function followBus(desk: Desk, event: Extract<BusEvent, { type: 'process' }>): void {
  const watched = desk.watched.get(event.process.name);
  if (!watched) return;
  const { view, happenings } = takeBusEvent(watched.view, event);
  watched.view = view;
  for (const happening of happenings) queue(desk, watched, happening);
}

/**
 * Reads the daemon's list: at the start, for the pids that the bus does not tell, and now and then in case a message was lost.
 * @throws Pm2Error
 */
export async function readList(desk: Desk, only: Iterable<Watched>): Promise<void> {
  const listed = await desk.ports.pm2.list();
  for (const watched of only) {
    // In the middle of an action of lifeguard's own the list shows a passing state; the bus tells what comes of it.
    if (watched.acting !== null) continue;
    const own = listed.filter((process) => process.name === watched.config.name);
    const { view, happenings } = takeList(watched.view, own);
    watched.view = view;
    for (const happening of happenings) if (!isOwnDoing(desk, watched, happening)) queue(desk, watched, happening);
  }
}

/** The list does not tell who stopped an app. Of one that lifeguard keeps down, it was lifeguard. */
function isOwnDoing(desk: Desk, watched: Watched, happening: Happening): boolean {
  const { process } = desk.stateOf(watched);
  return happening.type === 'stopped' && happening.status === 'stopped' && (process === 'parked' || process === 'stopping');
}

/** Who keeps the backend from its port; null: nobody, or it needs none. */
export async function holderOfPort(desk: Desk, watched: Watched): Promise<PortHolder | null> {
  const { port, name } = watched.config;
  if (port === null) return null;
  return desk.ports.host.holderOf(
    port,
    name,
    processesUp(watched.view).flatMap(({ pid }) => (pid > 0 ? [pid] : [])),
  );
}

function queue(desk: Desk, watched: Watched, happening: Happening): void {
  watched.facts = watched.facts
    .then(() => tell(desk, watched, happening))
    .catch((error: unknown) => desk.ports.log(`${watched.config.name}: ${String(error)}`));
}

async function tell(desk: Desk, watched: Watched, happening: Happening): Promise<void> {
  switch (happening.type) {
    case 'online': {
      const { clock } = desk.ports;
      const startedAt = clock.now() - Math.max(0, clock.wallNow() - happening.startedAt);
      desk.tell(watched, { type: 'online', incarnation: happening.incarnation, startedAt });
      if (processesUp(watched.view).some(({ pid }) => pid === 0)) await readList(desk, [watched]);
      return;
    }
    case 'stopped':
      desk.tell(watched, happening);
      return;
    case 'exit':
      await tellExit(desk, watched, happening);
  }
}

/** PM2 starts a crashed app again after 100 ms, and a stop of ours has to come before: neither look-up takes more than 40 ms. */
async function tellExit(desk: Desk, watched: Watched, exit: Extract<Happening, { type: 'exit' }>): Promise<void> {
  const ours = watched.ended.delete(`${exit.pmId}@${exit.startedAt}`);
  const by = ours ? 'lifeguard' : exit.asked ? 'operator' : 'nobody';
  const unknown: ExitInfo = { code: exit.code, signal: null, oom: false, lastError: null };
  const [known, port] =
    by === 'nobody' ? await Promise.all([lookUp(desk, watched, exit), holderOfPort(desk, watched)]) : [unknown, null];
  desk.tell(watched, { type: 'exit', by, exit: known, port, othersOnline: processesUp(watched.view).length });
  if (by === 'operator') lookAgainSoon(desk, watched);
}

/** Of `pm2 delete` the bus tells the exit alone: that the app is gone, only the list does. */
function lookAgainSoon(desk: Desk, watched: Watched): void {
  const look = () => readList(desk, [watched]).catch((error: unknown) => desk.ports.log(String(error)));
  desk.ports.clock.after(AFTER_OPERATOR_MS, look);
}

function lookUp(
  desk: Desk,
  watched: Watched,
  { pmId, startedAt, code }: Extract<Happening, { type: 'exit' }>,
): Promise<ExitInfo> {
  const errorFile = watched.view.byId[pmId]?.errorFile ?? '';
  return desk.ports.host.exitInfo({ name: watched.config.name, pmId, startedAt, exitCode: code, errorFile });
}
