import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { causeOf, cureOf, restartsOf } from '../../incidents/cure.ts';
import { type EvidenceFolder, readEvidence } from '../../incidents/evidence/read.ts';
import { incidentHistory } from '../../incidents/history.ts';
import type { Incident } from '../../incidents/incident.ts';
import { signatureOf } from '../../incidents/signature.ts';
import { repeatedOf, statisticsOf } from '../../incidents/statistics.ts';
import { refuseUnknown, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { incidentCalled } from '../looking/incident-called.ts';
import type { Watched } from '../project.ts';
import { elapsed } from '../telling/elapsed.ts';
import { evidenceDigest } from '../telling/evidence-digest.ts';
import { incidentStory, incidentTable, localTime, statisticsReport } from '../telling/incident-list.ts';
import { wrapped } from '../telling/wrap.ts';

const WEEK_MS = 7 * 86_400_000;

interface IncidentsOptions extends CommonOptions {
  readonly since?: string;
  readonly backend?: string;
  readonly drills?: boolean;
}

/** What a view is given. */
interface View {
  readonly context: Context;
  readonly watch: Watched;
  /** Those that were asked for. */
  readonly incidents: readonly Incident[];
  /** Wall clock, ms: since when, and now. null: since the first one. */
  readonly since: number | null;
  readonly now: number;
  readonly json: boolean;
  /** Drills count too. */
  readonly drills: boolean;
}

/** What went wrong, when, for how long, and who put it right: from the journal, rotated ones included. */
export function addIncidents(program: Command, context: Context): void {
  defineCommand(
    program,
    'incidents [view] [incident]',
    'what went wrong, and what was done about it',
    'Lists what went wrong, the newest last. `incidents show ID` (or `show last`) tells one from its beginning to its end, `incidents summary` what can be counted: causes, times to detect and to recover, availability, what comes again and again; drills are left out, --drills counts them too.\nIt reads the journal and its archives; nothing has to run.\nExit status: 0, or 1 while an incident is not over.',
  )
    .option('--since <duration>', 'no older than this: 24h, 7d')
    .option('--backend <name>', 'of one backend alone')
    .option('--drills', 'summary: what was brought about on purpose counts too')
    .action(async (view = 'list', called: string | undefined, options: IncidentsOptions) => {
      const { json = false, config, backend, drills = false } = options;
      const now = Date.now();
      const since = options.since === undefined ? null : now - durationOption('--since', options.since);
      const watch = await watchedHere(context, config);
      if (backend !== undefined)
        refuseUnknown(
          [backend],
          watch.backends.map(({ name }) => name),
        );
      const all = await incidentHistory(watch.journal, since);
      const incidents = all.filter((incident) => backend === undefined || incident.backend === backend);
      context.print(shown(view, called, { context, watch, incidents, since, now, json, drills }));
      context.finish(incidents.some(({ open }) => open) ? EXIT.problem : EXIT.well);
    });
}

function shown(name: string, called: string | undefined, view: View): string {
  if (name === 'show' && called !== undefined) return story(view, called);
  if (called === undefined && name === 'list') return list(view);
  if (called === undefined && name === 'summary') return summary(view);
  throw new LifeguardError('usage', name === 'show' ? 'which incident?' : `incidents ${name}: there is no such view`, {
    hint: 'lifeguard incidents, lifeguard incidents show ID, or lifeguard incidents summary.',
  });
}

function list({ context, incidents, now, json }: View): string {
  if (json) return JSON.stringify({ incidents: incidents.map(asJson) }, null, 2);
  if (incidents.length === 0) return 'No incident is recorded.';
  const more = context.paint('dim', 'lifeguard incidents show ID tells one, incidents summary counts them.');
  return `${incidentTable(incidents, now, context)}\n\n${more}`;
}

function summary({ context, watch, incidents: all, since, now, json, drills }: View): string {
  const incidents = drills ? all : all.filter(({ drill }) => !drill);
  const leftOut = all.length - incidents.length;
  const names = watch.backends.map(({ name }) => name);
  const from = since ?? incidents[0]?.startedAt ?? now;
  const statistics = statisticsOf(incidents, { names, from, until: now });
  if (json) return JSON.stringify({ from: new Date(from), until: new Date(now), ...statistics, drillsLeftOut: leftOut }, null, 2);
  const hint = `${leftOut === 1 ? 'One drill is' : `${leftOut} drills are`} left out; --drills counts ${leftOut === 1 ? 'it' : 'them'} too.`;
  const period = `Since ${localTime(from)}, ${since === null && incidents.length > 0 ? 'the first incident on record, ' : ''}${elapsed(now - from)} ago.`;
  return [
    ...(from < now ? [wrapped(period, context.columns), ''] : []),
    statisticsReport(statistics, context),
    ...(leftOut > 0 ? ['', context.paint('dim', hint)] : []),
  ].join('\n');
}

function story({ context, watch, incidents, now, json }: View, called: string): string {
  const incident = incidentCalled(incidents, called);
  const lately = incidents.filter(({ startedAt, drill }) => startedAt > incident.startedAt - WEEK_MS && drill === incident.drill);
  const seen = repeatedOf(lately).find(({ signature }) => signature === signatureOf(incident)) ?? null;
  const evidence = evidenceOf(incident, watch.journal);
  if (json) return JSON.stringify({ ...asJson(incident), seen, evidence, records: incident.records }, null, 2);
  const next = `${context.paint('dim', 'Next:')}\n  logs   ${context.paint('cyan', `npx lifeguard logs --around ${incident.id}`)}`;
  const folders = evidence.map((one) => `${evidenceDigest(one, context)}\n`);
  return [incidentStory(incident, seen, now, context), '', ...folders, next].join('\n');
}

function evidenceOf({ records }: Incident, journal: string): EvidenceFolder[] {
  const named = new Set(records.flatMap(({ evidence }) => (evidence === undefined ? [] : [join(dirname(journal), evidence)])));
  return [...named].flatMap((folder) => readEvidence(folder) ?? []);
}

function asJson(incident: Incident) {
  const { id, backend, startedAt, detectedAt, endedAt, open, drill, records } = incident;
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id,
    backend,
    startedAt: time(startedAt),
    endedAt: endedAt === null ? null : time(endedAt),
    open,
    drill,
    cause: causeOf(incident),
    reason: records[0]?.reason ?? null,
    restarts: restartsOf(incident),
    curedBy: cureOf(incident),
    detectMs: detectedAt - startedAt,
    recoverMs: endedAt === null ? null : endedAt - startedAt,
    signature: signatureOf(incident),
  };
}
