import type { Room } from '../room.ts';
import type { Victim } from './victim.ts';

export type Setting = 'default' | 'fastest';

/** Somebody who promises to bring a backend back. */
export interface Contender {
  readonly name: string;
  readonly setting: Setting;
  /** How it is set up, in a few words for the document. */
  readonly how: string;
  /** Its checks' interval; null: it makes none. */
  readonly checkEveryMs: number | null;
  /** Takes tens of seconds by its settings: its trials run side by side with others of the kind. */
  readonly slow: boolean;
  /** Starts itself, with the victim under it, in an empty room. Resolves at any time after that. */
  start(room: Room, victim: Victim): Promise<void>;
}
