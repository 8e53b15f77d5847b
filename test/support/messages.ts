import type { Message, MessageEvent } from '../../src/alerts/message/message.ts';

/** A message as the template makes them; what differs is given. */
export function messageOf(more: Partial<Message> = {}): Message {
  const at = new Date().toISOString();
  return {
    version: 1,
    key: 'api-12-mwye8hks/opened',
    thread: 'api-12-mwye8hks',
    alert: 'api-12',
    event: 'opened',
    kind: 'down',
    severity: 'critical',
    drill: false,
    host: 'vm1',
    subjects: [{ name: 'api', incident: 12, state: 'unhealthy', over: false }],
    count: 1,
    at,
    openedAt: at,
    endedAt: null,
    tag: 'DOWN',
    headline: 'api on vm1: answers 503, and database is down',
    lines: ['Restarts are held; next: when database is back.', 'Nothing to do, or: pm2 logs database'],
    details: [{ label: 'What was seen', text: 'It answers 503 <b>&amp;</b> *_so_* on.' }],
    link: 'https://status.example.org/',
    inPast: null,
    ...more,
  };
}

/** A later one of the same thread. */
export function laterOf(event: MessageEvent, more: Partial<Message> = {}): Message {
  return messageOf({
    key: `api-12-mwye8hks/${event}`,
    event,
    severity: event === 'ended' ? 'info' : 'critical',
    tag: event === 'ended' ? 'OK' : 'STILL DOWN',
    headline: `api on vm1: ${event}`,
    inPast: event === 'ended' ? { tag: 'WAS DOWN', headline: 'api on vm1, for 14 min: answers 503' } : null,
    ...more,
  });
}

/** Larger than any service takes, in letters of four bytes. */
export function hugeMessage(): Message {
  const long = '😀'.repeat(9_000);
  return messageOf({
    headline: long,
    lines: [long, long, long],
    details: Array.from({ length: 40 }, (_, i) => ({ label: `${i} ${long}`, text: long })),
  });
}
