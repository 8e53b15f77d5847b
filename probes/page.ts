import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { overChannel } from '../src/dashboard/door/asking.ts';
import type { FromPage, PageSetup, ToPage } from '../src/dashboard/door/messages.ts';
import { buildApp } from '../src/dashboard/page/app.ts';
import { type Scene, sceneOf } from '../src/dashboard/page/scene.ts';
import { type Visitors, visitorsOf } from '../src/dashboard/page/visitors.ts';

// Garbage is collected early: 70 MB are all that this is to need.
setFlagsFromString('--heap-growing-percent=30');

/**
 * The process that serves the page and /metrics: lifeguard starts it for the first visitor, hands it each connection, and lets it go after
 * the last. It ends with lifeguard.
 */
process.once('disconnect', () => process.exit(0));
// PM2 signals a whole tree: lifeguard ends, and with it the channel.
process.on('SIGINT', () => undefined);
// Lifeguard's own limit of processor time, which guards against a loop that spins, was inherited and is not renewed here.
process.on('SIGXCPU', () => undefined);

let visitors: Visitors | null = null;
let scene: Scene | null = null;

const lifeguard = overChannel(send);

process.on('message', (message: ToPage, socket: unknown) => {
  if (lifeguard.hear(message)) return;
  switch (message.type) {
    case 'setup':
      void serve(message.setup);
      return;
    case 'visitor':
      // It may have gone while it was handed on.
      if (socket) visitors?.receive(socket as Socket);
      return;
    case 'record':
      scene?.hear(message.record);
      return;
    case 'end':
      process.exit(0);
  }
});

async function serve(setup: PageSetup): Promise<void> {
  scene = sceneOf(setup, lifeguard, Date.now);
  const { server } = await buildApp({ setup, lifeguard, scene, onScrape: () => visitors?.noteScraper() });
  visitors = visitorsOf(server, (received) => send({ type: 'idle', visitors: received }));
  send({ type: 'ready' });
}

function send(message: FromPage): void {
  process.send?.(message);
}
