import type { ResolvedBackend, WatchedBackend } from '../../config/resolved.ts';
import type { Facts, Looks, Project } from '../../doctor/facts.ts';
import { bootOf } from '../../doctor/gathering/boot.ts';
import { clockStep } from '../../doctor/gathering/clock.ts';
import { savedDump } from '../../doctor/gathering/dump.ts';
import { errorRate } from '../../doctor/gathering/error-rates.ts';
import { logFolders } from '../../doctor/gathering/log-folders.ts';
import { foreignLogs } from '../../doctor/gathering/log-owners.ts';
import { machineMemory, usageOf } from '../../doctor/gathering/usage.ts';
import { versionsOf } from '../../doctor/gathering/versions.ts';
import { checkDependency } from '../../health/dependencies/open-dependency.ts';
import { openRound } from '../../health/round.ts';
import { daemonPid } from '../../host/orphans/marker.ts';
import { holderOf } from '../../host/ports/port-owner.ts';
import { incidentHistory } from '../../incidents/history.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import { LOGROTATE_PLACES } from '../../logs/rivals/logrotate-rules.ts';
import { Rivals } from '../../logs/rivals/rivals.ts';
import { ecosystemFileIn } from '../../pm2/command-line/ecosystem-files.ts';
import { messageOf } from '../../pm2/command-line/failure.ts';
import type { Ecosystem } from '../../pm2/launch/ecosystem.ts';
import { logicalPath } from '../../pm2/ownership/logical-path.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import { ecosystemAt, watchedHere } from '../backends.ts';
import type { Context } from '../context.ts';
import { ownershipHere, type Watched } from '../project.ts';
import { proofsOf } from '../proofs.ts';
import { describeNotApplied, notApplied } from '../unapplied.ts';
import { askLifeguard } from './ask-lifeguard.ts';
import { listProcesses } from './look.ts';

const DAY_MS = 86_400_000;
/** What is asked for its health, and what is depended on, has so long to answer. */
const ANSWER_MS = 5_000;

/** How doctor comes by its facts. What several of them need is looked up once; each fails by itself. */
export function doctorLooks(context: Context, config: string | undefined): Looks {
  const { pm2Home, host } = context;
  const all = once(() => listProcesses(pm2Home));
  const watch = once(() => watchedHere(context, config));
  const backends = async (): Promise<readonly WatchedBackend[]> => (await orNull(watch))?.backends ?? [];
  // Running it takes longer than all else together.
  const ecosystem = once(() => ecosystemAt(config));
  const here = logicalPath(config ?? ecosystemFileIn('.'));
  const project = once(() => projectOf(ecosystem));
  const processes = once(async () => ours(pm2Home, await all(), await orNull(watch)));
  return {
    project,
    processes,
    statuses: async () => {
      const found = await orNull(watch);
      if (found === null || !(await processes())?.some(({ name, pid }) => name === found.name && pid > 0)) return null;
      const answer = (await askLifeguard(pm2Home, found.name, 'status'))?.backends;
      return Array.isArray(answer) ? (answer as BackendStatus[]) : null;
    },
    unapplied: async () => {
      const found = await notApplied(context, config, (file) => (file === here ? ecosystem() : ecosystemAt(file)));
      const changed = found === 'mistakes' ? [] : found.filter(({ what }) => what !== 'taken over');
      return describeNotApplied(changed).slice(0, changed.length);
    },
    dependencies: async () => (await Promise.all((await backends()).flatMap(dependenciesOf))).flat(),
    holders: async () => {
      const [found, listed] = [await orNull(watch), await processes()];
      return found === null ? [] : holdersOf(context, found, listed ?? []);
    },
    answers: async () => {
      const [found, listed] = [await backends(), (await processes()) ?? []];
      const up = found.filter(({ name }) => listed.some((process) => process.name === name && process.pid > 0));
      return Promise.all(up.map((backend) => answerOf(context, backend)));
    },
    incidents: async () => {
      const found = await orNull(watch);
      if (found === null) return [];
      const history = await incidentHistory(found.journal, Date.now() - DAY_MS);
      // What a drill brought about is nobody's trouble.
      return history.filter(({ records }) => !records.some(({ drill }) => drill));
    },
    usage: async () => usageOf(host, await backends(), (await processes()) ?? []),
    folders: async () =>
      logFolders(
        (await backends()).map(({ logs }) => logs.directory),
        Date.now(),
      ),
    rivals: async () => {
      const rivalOf = await new Rivals(LOGROTATE_PLACES, () => performance.now()).look((await all()) ?? []);
      return ((await processes()) ?? [])
        .flatMap(({ outFile, errorFile }) => [outFile, errorFile])
        .flatMap((file) => {
          const rival = rivalOf(file);
          return rival === null ? [] : [{ file, rival }];
        });
    },
    dump: () => savedDump(pm2Home),
    boot: () => bootOf(),
    versions: () => versionsOf(pm2Home),
    machine: machineMemory,
    clock: async () => clockStep(host, (await processes()) ?? [], Date.now()),
    foreign: async () => foreignLogs(pm2Home, logFilesOf((await processes()) ?? [], await backends())),
    errorRates: async () => {
      const [listed, names] = [(await processes()) ?? [], new Set((await backends()).map(({ name }) => name))];
      const files = new Map(listed.flatMap(({ name, errorFile }) => (names.has(name) ? [[name, errorFile] as const] : [])));
      const rates = await Promise.all([...files].map(([name, file]) => errorRate(name, file, Date.now())));
      return rates.flatMap((each) => each ?? []);
    },
    unproven: async () => {
      const checked = await project();
      if (checked.kind !== 'valid') return [];
      const { watch: declared } = await ecosystem();
      return proofsOf(pm2Home, declared).flatMap(({ channel, provenAt }) => (provenAt === null ? [channel] : []));
    },
  };
}

/** Asked by several, looked up by the first. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => {
    found ??= look();
    return found;
  };
}

/** Why there is no project is told by one fact; the others have nothing to look at. */
function orNull<T>(look: () => Promise<T>): Promise<T | null> {
  return look().catch(() => null);
}

async function projectOf(ecosystem: () => Promise<Ecosystem>): Promise<Project> {
  try {
    const { file, config: declared, problems, watcher } = await ecosystem();
    return { kind: 'valid', file, backends: declared.backends as readonly ResolvedBackend[], watcher, problems: problems() };
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'no-file') return { kind: 'none', text: messageOf(error).split('\n')[0] ?? '' };
    return { kind: 'invalid', text: await mistakesIn(error) };
  }
}

/** The first mistake, with its place, and how many more. */
async function mistakesIn(error: unknown): Promise<string> {
  const { diagnosticToJson } = await import('../../config/mistakes/diagnostics.ts');
  const { diagnostics = [] } = error as { diagnostics?: readonly Parameters<typeof diagnosticToJson>[0][] };
  const [first] = diagnostics.map(diagnosticToJson);
  if (first === undefined) return messageOf(error).split('\n')[0] ?? '';
  const more = diagnostics.length > 1 ? `, and ${diagnostics.length - 1} more` : '';
  const { file, line, message } = first as { file?: string; line?: number; message?: string };
  return `${file ?? ''}${line === undefined || line === null ? '' : `:${line}`}: ${message ?? ''}${more}`;
}

function ours(pm2Home: string, listed: readonly Pm2Process[] | null, watch: Watched | null): readonly Pm2Process[] | null {
  if (listed === null || watch === null) return listed;
  return listed.filter(ownershipHere(pm2Home, watch.owner, listed).isOurs);
}

function logFilesOf(processes: readonly Pm2Process[], backends: readonly WatchedBackend[]): string[] {
  return [...processes.flatMap(({ outFile, errorFile }) => [outFile, errorFile]), ...backends.flatMap(({ logs }) => logs.files)];
}

function dependenciesOf({ name: backend, dependencies }: WatchedBackend): Promise<Facts['dependencies']>[] {
  return dependencies
    .filter(({ check }) => !check.startsWith('backend:'))
    .map(async ({ name, check }) => [{ backend, name, ...(await checkDependency(check, ANSWER_MS)) }]);
}

async function holdersOf(
  { host, pm2Home }: Context,
  { owner, backends }: Watched,
  processes: readonly Pm2Process[],
): Promise<Facts['holders']> {
  const daemon = daemonPid(pm2Home);
  const found = await Promise.all(
    backends.map(async ({ name, port }) => {
      if (port === null) return [];
      const own = processes.filter((process) => process.name === name && process.pid > 0);
      const ownPids = [
        ...own.map(({ pid }) => pid),
        ...(own.some(({ execMode }) => execMode === 'cluster') && daemon ? [daemon] : []),
      ];
      const holder = await holderOf(host, port, { app: name, owner, pm2Home, ownPids });
      return holder === null ? [] : [{ backend: name, port, holder }];
    }),
  );
  return found.flat();
}

/** Asked by doctor itself, so that it is told also where lifeguard does not run. A heartbeat is lifeguard's to hear. */
async function answerOf({ host }: Context, { name, targets }: WatchedBackend): Promise<Facts['answers'][number]> {
  const asked = { ...targets };
  for (const key of ['liveness', 'readiness'] as const) if (asked[key]?.kind === 'heartbeat') asked[key] = null;
  const round = openRound(asked, { host, beatPath: '' });
  try {
    return { backend: name, round: await round.ask(ANSWER_MS, 'doctor') };
  } finally {
    round.close();
  }
}
