import { inWords } from '../../policy/telling/in-words.ts';
import type { PlanState } from '../planning/state.ts';
import type { Setup } from '../setup.ts';
import { detail } from './body.ts';
import type { Message } from './message.ts';
import { dateTime } from './times.ts';

const MOST_LINES = 10;

/** Once a day, for whoever asked for it: what went away before it was worth an alert. */
export function composeDigest({ digest }: PlanState, now: number, setup: Setup): Message {
  const lines = Object.values(digest.lines).toSorted((a, b) => b.count - a.count);
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  return {
    ...note('digest', now, setup),
    kind: 'digest',
    subjects: [...new Set(lines.slice(0, MOST_LINES).map(({ subject }) => subject))].map((name) => ({
      name,
      incident: null,
      state: '',
      over: true,
    })),
    count,
    openedAt: new Date(digest.since).toISOString(),
    tag: 'DIGEST',
    headline: `${setup.host}: ${count} ${count === 1 ? 'trouble' : 'troubles'} went away without an alert`,
    lines: [`Since ${dateTime(digest.since)}.`],
    details: lines
      .slice(0, MOST_LINES)
      .map(({ subject, what, cure, count: times, longestMs }) =>
        detail(subject, `${times === 1 ? 'once' : `${times} times`}, ${cure}, in ${inWords(longestMs)} at most: ${what}`),
      ),
  };
}

/** What `lifeguard alerts test` sends. */
export function composeTest(channel: string, now: number, setup: Pick<Setup, 'host' | 'pageUrl'>): Message {
  return {
    ...note(`test-${channel}`, now, setup),
    kind: 'test',
    tag: 'TEST',
    headline: `${setup.host}: alerts of pm2-lifeguard come here`,
    lines: ['Nothing is wrong: somebody asked for this message.', 'Nothing to do.'],
    details: [
      detail('Channel', channel),
      detail('What was seen', 'Here is what was seen, such as: It answers 503, and database is down.'),
    ],
  };
}

/** A thing by itself, neither a beginning nor an end. */
function note(name: string, now: number, { host, pageUrl }: Pick<Setup, 'host' | 'pageUrl'>) {
  const at = new Date(now).toISOString();
  const key = `${name}-${now.toString(36)}`;
  return {
    version: 1,
    key,
    thread: key,
    alert: name,
    event: 'note',
    severity: 'info',
    drill: false,
    host,
    subjects: [],
    count: 0,
    at,
    openedAt: at,
    endedAt: at,
    link: pageUrl,
    inPast: null,
  } as const;
}
