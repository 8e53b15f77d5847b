import assert from 'node:assert/strict';
import type { Told } from './kill-while-telling.ts';

/**
 * Each trouble has its beginning and its end, or one message of the past, in every channel; none under two keys; in the order in which
 * they came.
 */
export function assertAllTold({ kills, channels }: Told, troubles: number, say: (text: string) => void): void {
  for (const [channel, { messages, received }] of Object.entries(channels)) {
    say(
      `${channel}: ${messages.length} messages, ${received - messages.length} more under a key that had come, with ${kills} kills`,
    );
    let before = 0;
    for (let n = 0; n < troubles; n++) {
      const about = messages.flatMap(({ event, names }, place) => (names.includes(`t${n}`) ? [{ event, place }] : []));
      const events = about.map(({ event }) => event).join();
      assert.match(events, /^(opened,ended|past)$/, `${channel}: t${n}`);
      const place = about[0]?.place ?? -1;
      assert.ok(place >= before, `${channel}: t${n} came before one that was earlier`);
      before = place;
    }
  }
}
