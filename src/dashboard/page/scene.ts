import type { IncidentRecord } from '../../incidents/journal.ts';
import { readIncidents } from '../../incidents/read-incidents.ts';
import type { Lifeguard } from '../door/asking.ts';
import type { Looked, PageSetup } from '../door/messages.ts';
import { readSlots, ringFile } from '../history/ring-file.ts';
import { SLOTS_A_DAY, type Slot, slotAt } from '../history/slot.ts';
import type { BackendView, Change, View } from '../view.ts';
import { backendView } from './backend-view.ts';
import { eventView } from './events.ts';
import { ownersText, publicText } from './public-text.ts';
import { sse } from './sse.ts';

/** A look a second, while somebody looks; of a large fleet so much more seldom: what happens is told at once anyway. */
const LOOK_MS = 1_000;
const LOOK_MS_A_BACKEND = 10;
/** The bars of a backend that is as it was change slowly. */
const BARS_MS = 30_000;
const EVENTS = 60;

export interface Scene {
  /**
   * Tells what changes from now on. @param isOwner he has shown the token
   * @returns all there is to see now, and what is to be called when he has gone
   */
  show(isOwner: boolean, looker: Looker): Promise<{ readonly view: View; leave(): void }>;
  view(isOwner: boolean): Promise<View>;
  hear(record: IncidentRecord): void;
}

/** Is given a change as it goes over the wire. */
type Looker = (message: Buffer) => void;

interface Watcher {
  readonly isOwner: boolean;
  readonly looker: Looker;
}

/** What all who look share: lifeguard is asked once for all of them. */
export function sceneOf(setup: PageSetup, lifeguard: Lifeguard, wallNow: () => number): Scene {
  const watchers = new Set<Watcher>();
  const past = new Map<string, readonly Slot[]>();
  let pastOf = -1;
  let shown = new Map<string, string>();
  let barsAt = 0;
  let looked: readonly Looked[] = [];
  let records: readonly IncidentRecord[] = readIncidents(setup.journal, EVENTS);
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;

  async function look(backend: string | null = null): Promise<readonly Looked[]> {
    const fresh = await lifeguard.ask({ about: 'look', backend });
    looked = backend === null ? fresh : looked.map((old) => fresh.find(({ status }) => status.name === old.status.name) ?? old);
    return looked;
  }

  function slotsOf({ status, slot }: Looked, last: number): readonly Slot[] {
    if (pastOf !== last) past.clear();
    pastOf = last;
    const known = past.get(status.name) ?? readSlots(ringFile(setup.history, status.name), last - SLOTS_A_DAY + 1, last - 1);
    past.set(status.name, known);
    return [...known, slot];
  }

  function backends(isOwner: boolean): BackendView[] {
    const lastSlot = slotAt(wallNow());
    const about = { wallNow: wallNow(), lastSlot, textFor: isOwner ? ownersText : publicText };
    return looked.map((one) => backendView(one.status, slotsOf(one, lastSlot), about));
  }

  function whole(isOwner: boolean): View {
    const textFor = isOwner ? ownersText : publicText;
    return {
      at: wallNow(),
      machine: setup.machine,
      version: setup.version,
      canAct: setup.token !== null,
      backends: backends(isOwner),
      events: [...records].reverse().map((record) => eventView(record, textFor)),
    };
  }

  /** What differs from what everybody was last shown, told to each as he may see it. */
  function tellChanges(fresh: readonly IncidentRecord[]): void {
    const { names, withBars } = changedSince();
    for (const isOwner of [true, false]) {
      const those = [...watchers].filter((watcher) => watcher.isOwner === isOwner);
      if (those.length === 0) continue;
      const textFor = isOwner ? ownersText : publicText;
      const changed = names.size === 0 ? [] : backends(isOwner).filter(({ name }) => names.has(name));
      const change: Change = {
        at: wallNow(),
        ...(changed.length > 0 && { backends: withBars ? changed : changed.map(withoutBars) }),
        ...(fresh.length > 0 && { events: fresh.map((record) => eventView(record, textFor)) }),
      };
      const message = sse('change', change);
      for (const { looker } of those) looker(message);
    }
  }

  /** Bars are most of it, and change slowly: they are sent now and then. */
  function changedSince(): { readonly names: ReadonlySet<string>; readonly withBars: boolean } {
    const withBars = wallNow() - barsAt > BARS_MS;
    if (withBars) barsAt = wallNow();
    const now = new Map(backends(true).map((view) => [view.name, JSON.stringify(withoutBars(view))]));
    const names = new Set([...now].flatMap(([name, text]) => (withBars || shown.get(name) !== text ? [name] : [])));
    shown = now;
    return { names, withBars };
  }

  function soon(ms = Math.max(LOOK_MS, LOOK_MS_A_BACKEND * looked.length)): void {
    clearTimeout(timer);
    if (watchers.size > 0) timer = setTimeout(() => void again(), ms);
  }

  /** One that does not answer leaves the page without news: that is what 'stale' is for. */
  async function again(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    try {
      await look();
      tellChanges([]);
    } catch {
      // lifeguard is busy, or ends.
    }
    isAsking = false;
    soon();
  }

  async function hearNow(record: IncidentRecord): Promise<void> {
    await look(record.backend).catch(() => undefined);
    tellChanges([record]);
  }

  return {
    async show(isOwner, looker) {
      const watcher = { isOwner, looker };
      await look();
      watchers.add(watcher);
      if (watchers.size === 1) soon();
      return { view: whole(isOwner), leave: () => watchers.delete(watcher) };
    },
    async view(isOwner) {
      await look();
      return whole(isOwner);
    },
    hear(record) {
      records = [...records, record].slice(-EVENTS);
      if (watchers.size > 0) void hearNow(record);
    },
  };
}

function withoutBars({ bars: _none, ...rest }: BackendView): Omit<BackendView, 'bars'> {
  return rest;
}
