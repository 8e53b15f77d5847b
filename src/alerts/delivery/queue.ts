import type { Message } from '../message/message.ts';

/** What one channel has to send, and what it needs to know of what it has sent. Plain JSON, never changed in place. */
export interface Queue {
  readonly version: 1;
  /** In the order in which they are sent. */
  readonly entries: readonly Entry[];
  /** Keys of the latest that were sent or given up: they are not taken again. */
  readonly done: readonly string[];
  /** By thread: the service's receipt for its first message, newest last. */
  readonly receipts: Readonly<Record<string, string>>;
}

export interface Entry {
  readonly message: Message;
  readonly tries: number;
  /** Wall clock, ms: not before. */
  readonly nextAt: number;
  /** A try is under way, or was when lifeguard ended. */
  readonly isTrying: boolean;
  /** A try that failed may have arrived all the same. */
  readonly maybeReceived: boolean;
  /** The service took it for malformed once. */
  readonly plain: boolean;
}

export const EMPTY_QUEUE: Queue = { version: 1, entries: [], done: [], receipts: {} };

const MOST_ENTRIES = 300;
const MOST_DONE = 500;
const MOST_RECEIPTS = 200;

/** What was known, with a message more. One that is known already, waiting or done, changes nothing. `lost`: there was no room for them. */
export function enqueue(
  queue: Queue,
  message: Message,
  now: number,
): { readonly queue: Queue; readonly lost: readonly Message[] } {
  const isKnown = queue.done.includes(message.key) || queue.entries.some((entry) => entry.message.key === message.key);
  if (isKnown) return { queue, lost: [] };
  const fresh: Entry = { message, tries: 0, nextAt: now, isTrying: false, maybeReceived: false, plain: false };
  const entries = tidied([...queue.entries, fresh]);
  const over = Math.max(0, entries.length - MOST_ENTRIES);
  const lost = entries.filter(({ isTrying }) => !isTrying).slice(0, over);
  return {
    queue: { ...queue, entries: entries.filter((entry) => !lost.includes(entry)) },
    lost: lost.map((entry) => entry.message),
  };
}

/** What a predecessor left: a try that was under way may have arrived. */
export function takeUp(queue: Queue): Queue {
  const entries = queue.entries.map((entry) => (entry.isTrying ? { ...entry, isTrying: false, maybeReceived: true } : entry));
  return { ...queue, entries: tidied(entries) };
}

/** What nobody needs any more goes: a beginning that has come to its end becomes one message of the past. */
function tidied(entries: readonly Entry[]): Entry[] {
  return entries.flatMap((entry, index) => {
    const { message } = entry;
    const later = entries.slice(index + 1).filter((other) => other.message.thread === message.thread);
    if (isUntouched(entry) && later.some((other) => supersedes(other, message))) return [];
    const before = entries.slice(0, index).filter((other) => other.message.thread === message.thread);
    const wasNeverTold =
      before.some((other) => other.message.event === 'opened' && isUntouched(other)) && before.every(isUntouched);
    return message.event === 'ended' && wasNeverTold ? asPast(entry) : [entry];
  });
}

/** The end speaks for all before it, and a later turn for a reminder. */
function supersedes({ message }: Entry, { event }: Message): boolean {
  return message.event === 'ended' || event === 'reminder' || event === 'acknowledged';
}

/** Nobody can have got it. */
function isUntouched({ isTrying, maybeReceived }: Entry): boolean {
  return !isTrying && !maybeReceived;
}

/** That a channel failed for a while, and works again, is nobody's business afterwards. */
function asPast(entry: Entry): Entry[] {
  const { message } = entry;
  if (message.inPast === null || isAboutChannel(message)) return [];
  return [{ ...entry, message: { ...message, ...message.inPast, event: 'past', inPast: null } }];
}

function isAboutChannel({ kind, alert }: Message): boolean {
  return kind === 'lifeguard' && alert.startsWith('channel-');
}

/** The first, of which a try begins. */
export function trying(queue: Queue): Queue {
  return changeFirst(queue, (entry) => ({ ...entry, isTrying: true, tries: entry.tries + 1 }));
}

/** The first was sent. */
export function delivered(queue: Queue, receipt: string | null): Queue {
  const [first, ...entries] = queue.entries;
  if (first === undefined) return queue;
  const { key, thread, event } = first.message;
  const { [thread]: known, ...others } = queue.receipts;
  const kept = event === 'ended' ? null : (receipt ?? known ?? null);
  const receipts = Object.entries(kept === null ? others : { ...others, [thread]: kept }).slice(-MOST_RECEIPTS);
  return { ...queue, entries: tidied(entries), done: noteDone(queue, key), receipts: Object.fromEntries(receipts) };
}

/** The try failed. `plain`: the next one says as little as will do. */
export function failedOnce(
  queue: Queue,
  { nextAt, maybeReceived, plain }: Pick<Entry, 'nextAt' | 'maybeReceived' | 'plain'>,
): Queue {
  const changed = changeFirst(queue, (entry) => ({
    ...entry,
    isTrying: false,
    nextAt,
    maybeReceived: entry.maybeReceived || maybeReceived,
    plain: entry.plain || plain,
  }));
  return { ...changed, entries: tidied(changed.entries) };
}

/** The first is given up. */
export function givenUp(queue: Queue): Queue {
  const [first, ...entries] = queue.entries;
  return first === undefined ? queue : { ...queue, entries: tidied(entries), done: noteDone(queue, first.message.key) };
}

function noteDone({ done }: Queue, key: string): string[] {
  return [...done, key].slice(-MOST_DONE);
}

function changeFirst(queue: Queue, change: (entry: Entry) => Entry): Queue {
  const [first, ...others] = queue.entries;
  return first === undefined ? queue : { ...queue, entries: [change(first), ...others] };
}
