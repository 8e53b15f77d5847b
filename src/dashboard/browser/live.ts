import type { BackendView, Change, View } from '../view.ts';
import { authorized } from './act.ts';

/** A stream that breaks is taken up again after this. */
const AGAIN_MS = 1_000;
const EVENTS = 60;
const CHANNEL = 'pm2-lifeguard';

/** Told of everything that is there, each time that it changes. */
type Show = (view: View) => void;

/**
 * What lifeguard sees, as it happens. The tabs of a browser share one stream: who holds the lock reads it and passes it on. With a token, and
 * where a browser has no locks (an address that is not this machine's, without TLS), a tab has its own.
 */
export function follow(show: Show, onToken: () => void): void {
  let view: View | null = null;

  function take(message: View | Change): void {
    view = isView(message) ? message : view && merged(view, message);
    if (view !== null) show(view);
  }

  const hasLocks = 'locks' in navigator && 'BroadcastChannel' in window;
  if (authorized() !== null || !hasLocks) return void readForEver(take, onToken);
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<View | Change>) => take(data);
  void load().then((first) => first && view === null && take(first));
  void navigator.locks.request(CHANNEL, () =>
    readForEver((message) => {
      take(message);
      channel.postMessage(message);
    }, onToken),
  );
}

async function load(): Promise<View | null> {
  const response = await fetch('api/view').catch(() => null);
  return response?.ok ? ((await response.json()) as View) : null;
}

async function readForEver(take: (message: View | Change) => void, onToken: () => void): Promise<never> {
  for (;;) {
    await readOnce(take, onToken).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** An EventSource cannot carry a bearer. */
async function readOnce(take: (message: View | Change) => void, onToken: () => void): Promise<void> {
  const response = await fetch('api/stream', { headers: authorized() ?? {} });
  if (response.status === 401 || response.status === 429) onToken();
  if (!response.ok || response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const messages = (rest + value).split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const data = message.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) take(JSON.parse(data.slice(6)) as View | Change);
    }
  }
}

function isView(message: View | Change): message is View {
  return 'machine' in message;
}

function merged(view: View, { at, backends = [], events = [] }: Change): View {
  const changed = new Map(backends.map((backend) => [backend.name, backend]));
  const replaced = (backend: BackendView): BackendView => ({ ...backend, ...changed.get(backend.name) });
  return {
    ...view,
    at,
    backends: backends.length === 0 ? view.backends : view.backends.map(replaced),
    events: events.length === 0 ? view.events : [...[...events].reverse(), ...view.events].slice(0, EVENTS),
  };
}
