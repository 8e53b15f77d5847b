import type { View } from '../view.ts';
import type { Act } from './act.ts';

/** What a part of the page is drawn from. */
export interface Drawn {
  readonly view: View;
  /** The machine's clock now, ms since 1970. */
  readonly now: number;
  /** Tables in place of pictures. */
  readonly asTable: boolean;
  /** The token was given. */
  readonly mayAct: boolean;
  readonly filter: string;
  setFilter(filter: string): void;
  act(what: Act): void;
}

/** How long a bar of the day is, ms. */
export const BAR_MS = 16 * 60_000;

/** When the last bar of the day ends. */
export function endOfBars(now: number): number {
  return (Math.floor(now / BAR_MS) + 1) * BAR_MS;
}

export function backendLink(name: string): string {
  return `#/backend/${encodeURIComponent(name)}`;
}

export function incidentLink(id: string): string {
  return `#/incident/${encodeURIComponent(id)}`;
}
