import { inWords } from '../../policy/telling/in-words.ts';
import type { Incident, Member } from '../planning/state.ts';
import type { BackendFacts, Setup } from '../setup.ts';
import { restOf } from './clause.ts';
import { clockTime } from './times.ts';

/** What lifeguard does about it and what comes next, and what a person can do. */
export interface Advice {
  /** A sentence, or ''. */
  readonly next: string;
  /** A line, or ''. */
  readonly todo: string;
}

/** By the latest line about it. Commands are as one types them. */
export function adviceOn({ incident, kind }: Member, setup: Setup): Advice {
  const { subject, latest, trouble, waitsFor } = incident;
  const logs = `To do: pm2 logs ${subject}`;
  if (trouble !== null) return { next: '', todo: trouble.todo };
  if (kind === 'flapping')
    return { next: 'Its next falls are told only if it stays down; so is an hour without any.', todo: logs };
  switch (latest.code) {
    case 'dependency-down':
      return {
        next: `Restarts are held; next: when ${waitsFor.join(' and ') || 'that'} is back.`,
        todo: lookAt(waitsFor, setup),
      };
    case 'limit-reached':
    case 'trial-failed':
      return gaveUp(incident, setup);
    case 'port-taken':
      return { next: 'It is started when the port is free.', todo: `To do: end that process, or give ${subject} another port` };
    case 'memory-limit':
      return { next: `It was restarted gracefully${used(incident, setup)}.`, todo: 'A leak, or max_memory is too small.' };
    case 'misconfigured':
      return { next: 'It is never restarted for that.', todo: 'To do: mend its health checks, then: npx lifeguard start' };
    case 'repeated-error':
      return { next: 'A restart will not cure it.', todo: logs };
    case 'not-in-restart-on':
      return { next: sentence(restOf(latest)), todo: `To do: pm2 restart ${subject}` };
    case 'overload':
      return { next: sentence(latest.text), todo: `To do: more instances of ${subject}, or less load` };
    case 'shared-cause':
      return { next: sentence(latest.text), todo: 'To do: look at what they share: the machine, the network, a service' };
    case 'restart-does-not-cure':
      return { next: sentence(latest.text), todo: logs };
    default:
      return { next: triedSoFar(incident, setup), todo: logs };
  }
}

function triedSoFar(incident: Incident, setup: Setup): string {
  const { tried, latest } = incident;
  if (tried === 0) return latest.what === 'hold' ? sentence(restOf(latest) || latest.text) : 'It is being looked at.';
  const so = tried === 1 ? 'A restart did not cure it' : `${tried} restarts did not cure it`;
  return `${so}${used(incident, setup)}; lifeguard goes on trying.`;
}

function gaveUp(incident: Incident, setup: Setup): Advice {
  const { subject, latest } = incident;
  const coolDownMs = factsOf(incident, setup)?.coolDownMs ?? null;
  const isOneOfSeveral = latest.to === 'healthy';
  const stopped = isOneOfSeveral ? 'One of its instances is stopped, the others serve on' : 'It is stopped';
  const trial = coolDownMs === null ? 'until someone resets it' : `next: one trial at ${clockTime(latest.at + coolDownMs)}`;
  return {
    next: `${stopped}${used(incident, setup)}; ${trial}.`,
    todo: `To do: mend it, then: pm2 trigger ${setup.lifeguard} reset ${subject}`,
  };
}

function lookAt(waitsFor: readonly string[], { apps }: Setup): string {
  const app = waitsFor.find((name) => apps.includes(name));
  if (app !== undefined) return `Nothing to do, or: pm2 logs ${app}`;
  return waitsFor.length === 0 ? 'Nothing to do.' : `Nothing to do here: look at ${waitsFor.join(' and ')}`;
}

/** ` (3 of 10 restarts used)`; nothing where the limit is not known. */
function used(incident: Incident, setup: Setup): string {
  const facts = factsOf(incident, setup);
  return facts === undefined ? '' : ` (${Math.min(incident.restarts, facts.maxRestarts)} of ${facts.maxRestarts} restarts used)`;
}

/** `8 of 10 within 10 min`; null: not known. */
export function restartsLeft(incident: Incident, setup: Setup): string | null {
  const facts = factsOf(incident, setup);
  if (facts === undefined) return null;
  return `${Math.max(0, facts.maxRestarts - incident.restarts)} of ${facts.maxRestarts} within ${inWords(facts.withinMs)}`;
}

function factsOf({ subject, number }: Incident, { backends }: Setup): BackendFacts | undefined {
  return number === null ? undefined : backends.find(({ name }) => name === subject);
}

function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
