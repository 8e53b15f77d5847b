import type { FastifyInstance } from 'fastify';
import type { Lifeguard } from '../door/asking.ts';
import type { PageSetup } from '../door/messages.ts';
import { readSlots, ringFile } from '../history/ring-file.ts';
import { SLOT_MS, SLOTS_A_DAY, SLOTS_KEPT, type Slot, slotAt } from '../history/slot.ts';
import type { BackendDetail, Bar } from '../view.ts';
import { incidentDetail, incidentSummary, recentIncidents } from './events.ts';
import type { Guard } from './guard.ts';
import { ownersText, publicText } from './public-text.ts';
import type { Scene } from './scene.ts';
import { stream } from './stream.ts';

export const ACTIONS = ['check', 'restart', 'pause', 'resume', 'reset', 'acknowledge', 'rotate-logs'] as const;

const NAME = { type: 'string', pattern: '^[A-Za-z0-9._@:-]{1,120}$' } as const;
const ACT = {
  type: 'object',
  required: ['action'],
  additionalProperties: false,
  properties: { action: { enum: ACTIONS }, on: NAME, for: { type: 'string', pattern: '^[0-9]{1,6}(ms|s|m|h|d)$' } },
} as const;
const PARAMS = { type: 'object', properties: { name: NAME } } as const;

const INCIDENTS = 20;

export interface ApiParts {
  readonly setup: PageSetup;
  readonly lifeguard: Lifeguard;
  readonly scene: Scene;
}

/** What the page's script asks. */
export function serveApi(app: FastifyInstance, guard: Guard, parts: ApiParts): void {
  const { setup, lifeguard, scene } = parts;
  const reading = { onRequest: guard.reading };
  app.get('/api/stream', reading, async (request, reply) => {
    await stream(reply, scene, guard.hasToken(request));
  });
  app.get('/api/view', reading, (request) => scene.view(guard.hasToken(request)));
  app.get<Named>('/api/backends/:name', { ...reading, schema: { params: PARAMS } }, async (request) =>
    backendDetail(request.params.name, setup, guard.hasToken(request)),
  );
  app.get<Named>('/api/incidents/:name', { ...reading, schema: { params: PARAMS } }, async (request, reply) => {
    const isOwner = guard.hasToken(request);
    const textFor = isOwner ? ownersText : publicText;
    const found = await incidentDetail(request.params.name, setup.journal, Date.now(), { isOwner, textFor });
    return found ?? reply.code(404).send({ error: `no incident of the last 30 days is called ${request.params.name}` });
  });
  app.get('/api/token', { onRequest: guard.withToken }, async () => ({ ok: true }));
  app.post<Act>('/api/act', { onRequest: guard.withToken, schema: { body: ACT } }, async ({ body }, reply) => {
    const param = [body.on, body.for].filter(Boolean).join(' ');
    const answer = await lifeguard.ask({ about: 'act', action: body.action, param });
    return reply.code(answer.ok === false ? 409 : 200).send(answer);
  });
}

interface Named {
  Params: { name: string };
}

interface Act {
  Body: { action: string; on?: string; for?: string };
}

async function backendDetail(name: string, setup: PageSetup, isOwner: boolean): Promise<BackendDetail> {
  const last = slotAt(Date.now());
  const slots = readSlots(ringFile(setup.history, name), last - SLOTS_KEPT + 1, last);
  const incidents = (await recentIncidents(setup.journal, Date.now())).filter(({ backend }) => backend === name);
  return {
    name,
    days: daysOf(slots, last),
    incidents: incidents.slice(0, INCIDENTS).map((incident) => incidentSummary(incident, isOwner ? ownersText : publicText)),
  };
}

/** 30 spans of 24 hours, the last of which ends now. */
function daysOf(slots: readonly Slot[], last: number): BackendDetail['days'] {
  return Array.from({ length: SLOTS_KEPT / SLOTS_A_DAY }, (_, i, count = SLOTS_KEPT / SLOTS_A_DAY) => {
    const end = last - (count - 1 - i) * SLOTS_A_DAY;
    const own = slots.filter(({ slot }) => slot > end - SLOTS_A_DAY && slot <= end);
    return { day: new Date(end * SLOT_MS).toISOString().slice(0, 10), bar: sumOf(own) };
  });
}

function sumOf(slots: readonly Slot[]): Bar {
  const total = (pick: (slot: Slot) => number) => Math.round(slots.reduce((sum, slot) => sum + pick(slot), 0));
  const latencies = slots.flatMap(({ p95Ms }) => (p95Ms === null ? [] : [p95Ms])).sort((a, b) => a - b);
  const median = latencies[Math.floor(latencies.length / 2)] ?? null;
  return [total((s) => s.wellS), total((s) => s.impairedS), total((s) => s.downS), total((s) => s.restarts), median];
}
