import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { WatchedBackend } from '../../config/resolved.ts';
import type { Fault } from '../../drill/fault.ts';
import { FAULTS } from '../../drill/faults/all.ts';
import { drillNoteFile } from '../../drill/note.ts';
import type { Figures, Skipped } from '../../drill/report/figures.ts';
import { lastFigures, lifted, type Outcome, seconds, writeReport } from '../../drill/report/report.ts';
import { alertWords, toldOf } from '../../drill/report/told.ts';
import { type DrillPorts, drill } from '../../drill/run.ts';
import { unfit, unsteady } from '../../drill/steady.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { openRound } from '../../health/round.ts';
import { readIncidents } from '../../incidents/read-incidents.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import { alertsFolder } from '../../pm2/home.ts';
import { refuseUnknown, watchedHere } from '../backends.ts';
import { confirmed } from '../confirm.ts';
import type { Context } from '../context.ts';
import { type CommonOptions, defineCommand, durationOption } from '../define-command.ts';
import { EXIT } from '../exit-status.ts';
import { askLifeguard, tellLifeguard } from '../looking/ask-lifeguard.ts';
import { listProcesses } from '../looking/look.ts';
import type { Watched } from '../project.ts';
import { table } from '../telling/output.ts';

interface DrillOptions extends CommonOptions {
  readonly backend?: string;
  readonly all?: boolean;
  readonly full?: boolean;
  readonly yes?: boolean;
  readonly max?: string;
}

/** A request of the drill's own that takes longer has failed. */
const ASK_WITHIN_MS = 1_000;
const DEADLINE_MS = 120_000;
/** Of the journal's end: a drill's own lines are among so many. */
const RECORDS = 500;

/** A fault on purpose, and what becomes of it. */
export function addDrill(program: Command, context: Context): void {
  defineCommand(
    program,
    'drill [fault]',
    'a fault on purpose: does it recover, and how soon?',
    `Brings a fault about on a running backend, for real, and measures how soon it is seen, restarted and healthy, and how many requests failed meanwhile. Its clients notice it. It asks first, refuses what is not in a steady state, gives back what it spent of the restart budget, and writes logs/drills/DATE.md beside the last drill's figures. Ctrl-C undoes it; after a kill -9 the next lifeguard command does.\nFaults: ${FAULTS.map(({ name, what }) => `${name} (${what})`).join('; ')}.\nExit status: 0 it was seen and recovered, 1 it was not, or not within --max (of the end of the fault, where the drill itself ends it).`,
  )
    .option('--backend <name>', 'which one, where there are several')
    .option('--all', 'one fault after the other; what cannot be done here is skipped, and said')
    .option('--full', 'crash-loop: to its limit, however long that takes')
    .option('--yes', 'without asking')
    .option('--max <duration>', 'exit status 1 where it takes longer: 10s')
    .action(async (name: string | undefined, options: DrillOptions) => {
      const { json = false, config, backend: chosen, all = false, full = false, yes = false, max } = options;
      const faults = faultsMeant(name, all);
      const maxMs = max === undefined ? Number.POSITIVE_INFINITY : durationOption('--max', max);
      const watch = await watchedHere(context, config);
      const backend = backendMeant(watch, chosen);
      const question = `${backend.name}: this will ${faults.map(({ what }) => what).join(', then ')}. Its clients will notice. Go on?`;
      if (!yes && !(await confirmed(question))) {
        context.finish(EXIT.problem);
        return;
      }
      const outcome = await drillAll(faults, backend, watch, context, full);
      tell(outcome, watch, context, json);
      const isGood = ({ detectMs, healthyMs, liftedMs, asBefore }: Figures) =>
        detectMs !== null && healthyMs !== null && healthyMs - (liftedMs ?? 0) <= maxMs && asBefore;
      const { figures, skipped } = outcome;
      const isWhole = figures.length + skipped.length === faults.length;
      context.finish(isWhole && figures.every(isGood) ? EXIT.well : EXIT.problem);
    });
}

function faultsMeant(name: string | undefined, all: boolean): readonly Fault[] {
  if (all && name === undefined) return FAULTS;
  const fault = FAULTS.find((each) => each.name === name);
  if (fault !== undefined && !all) return [fault];
  throw new LifeguardError('usage', name === undefined ? 'which fault?' : `there is no fault ${name}`, {
    hint: `There is ${FAULTS.map((each) => each.name).join(', ')}, or --all.`,
  });
}

function backendMeant({ backends }: Watched, chosen: string | undefined): WatchedBackend {
  const names = backends.map(({ name }) => name);
  if (chosen !== undefined) refuseUnknown([chosen], names);
  const backend = chosen === undefined && backends.length === 1 ? backends[0] : backends.find(({ name }) => name === chosen);
  if (backend !== undefined) return backend;
  throw new LifeguardError('usage', 'which backend?', { hint: `--backend ${names.join(' or --backend ')}` });
}

/** One after the other; the next only where the last has left all as before. What cannot be done is skipped, unless it is all that was asked. */
async function drillAll(
  faults: readonly Fault[],
  backend: WatchedBackend,
  watch: Watched,
  context: Context,
  isFull: boolean,
): Promise<Outcome> {
  let interrupted = false;
  void context.interrupted().then(() => {
    interrupted = true;
    context.tell('It is ended and undone.');
  });
  const ports = portsOf(backend, watch, context, { isInterrupted: () => interrupted, isFull });
  const figures: Figures[] = [];
  const skipped: Skipped[] = [];
  for (const fault of faults) {
    if (interrupted || figures.some(({ asBefore }) => !asBefore)) break;
    const why = unsteady(await ports.status());
    if (why !== null) throw refusal(fault, backend, why);
    const outcome = unfit(backend, fault) ?? (await drill(fault, backend, ports, DEADLINE_MS));
    if (typeof outcome !== 'string') figures.push(outcome);
    else if (faults.length === 1) throw refusal(fault, backend, outcome);
    else {
      skipped.push({ fault: fault.name, backend: backend.name, why: outcome });
      context.tell(`${fault.name}: skipped: ${outcome}`);
    }
  }
  return { figures, skipped };
}

function refusal({ name }: Fault, backend: WatchedBackend, why: string): LifeguardError {
  return new LifeguardError('unsteady', `no ${name} drill of ${backend.name}: ${why}`, {
    hint: 'npx lifeguard status; npx lifeguard doctor',
  });
}

function portsOf(
  { name, targets }: WatchedBackend,
  watch: Watched,
  { pm2Home, host, tell, live }: Context,
  given: Pick<DrillPorts, 'isInterrupted' | 'isFull'>,
): DrillPorts {
  const channels = watch.alerts.flatMap((channel) => (channel.type === 'heartbeat' ? [] : [channel.name]));
  const round = openRound(
    {
      liveness: targets.liveness?.kind === 'http' || targets.liveness?.kind === 'tcp' ? targets.liveness : null,
      readiness: null,
    },
    { host, beatPath: '' },
  );
  return {
    host,
    noteFile: drillNoteFile(pm2Home, watch.name),
    ...given,
    companions: watch.companions.map((companion) => companion.name).filter((companion) => companion !== watch.name),
    apps: async () => (await listProcesses(pm2Home)) ?? [],
    say: tell,
    live,
    told: (incidents) => (channels.length === 0 ? null : toldOf(alertsFolder(pm2Home, watch.name), channels, name, incidents)),
    async status() {
      const answer = await askLifeguard(pm2Home, watch.name, 'status', name);
      const [status = null] = (answer?.backends as BackendStatus[] | undefined) ?? [];
      return status;
    },
    reset: async () => void (await tellLifeguard(pm2Home, watch.name, 'reset', name)),
    records: (since) =>
      readIncidents(watch.journal, RECORDS).filter(
        ({ backend, time, what }) => backend === name && what !== 'alert' && Date.parse(time) >= since,
      ),
    async ask() {
      const { liveness } = await round.ask(ASK_WITHIN_MS, 'drill');
      return liveness.kind === 'answer' && liveness.status < 400;
    },
  };
}

function tell(outcome: Outcome, { journal }: Watched, { print, tell: say, paint, columns }: Context, json: boolean): void {
  const { figures, skipped } = outcome;
  const folder = join(dirname(journal), 'drills');
  const last = lastFigures(folder);
  const file = figures.length === 0 ? null : writeReport(folder, outcome, last, Date.now());
  if (json) {
    print(JSON.stringify({ figures, skipped, report: file }, null, 2));
    return;
  }
  const rows = figures.map((one) => [
    { text: one.fault, style: 'bold' as const },
    { text: seconds(one.detectMs) },
    { text: lifted(one) },
    { text: one.actMs === null ? 'no' : seconds(one.actMs) },
    { text: seconds(one.healthyMs) },
    { text: `${one.failed} of ${one.asked}` },
    { text: String(one.restarts) },
    { text: one.alert === null || one.alert === undefined ? '' : alertWords(one.alert) },
    { text: one.asBefore ? 'yes' : 'NO', style: one.asBefore ? ('green' as const) : ('red' as const) },
  ]);
  if (rows.length === 0) return;
  print(
    table(['', 'detected', 'taken away', 'restarted', 'healthy', 'failed', 'restarts', 'alert', 'as before'], rows, paint, {
      columns,
      spare: ['restarts', 'detected', 'taken away'],
    }).join('\n'),
  );
  for (const { fault, why } of skipped) print(`${fault}  skipped: ${why}`);
  say(`Report: ${file}`);
}
