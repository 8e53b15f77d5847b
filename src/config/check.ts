import { backendDependencies } from './checks/backend-dependencies.ts';
import { RESERVED } from './checks/reserved-names.ts';
import { startConditions } from './checks/start-conditions.ts';
import { withinBackend } from './checks/within-backend.ts';
import { databaseOf } from './companion-names.ts';
import type { Path } from './reading/located.ts';
import type { Ecosystem } from './schema/schema.ts';

/** A mistake that only shows when several keys are looked at together. */
export interface Conflict {
  /** Where it is shown. */
  readonly path: Path;
  /** Further keys that take part: while one of them is wrong by itself, this is not told. */
  readonly with: readonly Path[];
  readonly message: string;
  readonly hint: string | null;
  /** The place that it is in conflict with, to be shown beside the hint. */
  readonly first?: Path;
}

/** All conflicts of a configuration whose keys are right one by one. Messages hold key names and numbers, no texts of the user's. */
export function findConflicts(config: Ecosystem, isWritten: (path: Path) => boolean): Conflict[] {
  return [
    ...noBackend(config),
    ...config.backends.flatMap((backend, index) => withinBackend(backend, index, isWritten)),
    ...backendDependencies(config),
    ...startConditions(config),
    ...repeatedNames(config),
    ...repeatedPorts(config, isWritten),
    ...repeatedChannels(config),
    ...dashboardChecks(config),
    ...watcherChecks(config),
  ];
}

type IsWritten = (path: Path) => boolean;

function noBackend({ backends }: Ecosystem): Conflict[] {
  if (backends.length > 0) return [];
  return [
    {
      path: ['backends'],
      with: [],
      message: 'no backend is configured',
      hint: 'Give at least one, with a name and what to run.',
    },
  ];
}

function repeatedNames({ backends }: Ecosystem): Conflict[] {
  return backends.flatMap(({ name }, index) => {
    const first = backends.findIndex((other) => other.name === name);
    if (first === index) return [];
    return [
      {
        path: ['backends', index, 'name'],
        with: [['backends', first, 'name']],
        message: 'a second backend of this name',
        first: ['backends', first, 'name'],
        hint: 'A name is one app in PM2.',
      },
    ];
  });
}

function repeatedPorts({ backends, dashboard }: Ecosystem, isWritten: IsWritten): Conflict[] {
  const twice = backends.flatMap(({ port }, index) => {
    const first = backends.findIndex((other) => other.port !== null && other.port === port);
    if (first < 0 || first === index) return [];
    return [
      {
        path: ['backends', index, 'port'],
        with: [['backends', first, 'port']],
        message: 'a second backend on this port',
        first: ['backends', first, 'port'],
        hint: 'Only one of them could bind it.',
      },
    ];
  });
  const onDashboard = backends.findIndex(({ port }) => port !== null && port === dashboard?.port);
  if (onDashboard < 0 || !isWritten(['dashboard', 'port'])) return twice; // what nobody asked for takes nobody's port
  const hint = "It is lifeguard's page: choose another port for one of the two (dashboard: { port: 5557 }), or dashboard: null.";
  return [
    ...twice,
    { path: ['backends', onDashboard, 'port'], with: [['dashboard', 'port']], message: "the dashboard's port", hint },
  ];
}

function repeatedChannels({ alerts }: Ecosystem): Conflict[] {
  return alerts.flatMap(({ name }, index) => {
    const first = alerts.findIndex((other) => other.name === name);
    if (name === undefined || first === index) return [];
    return [
      {
        path: ['alerts', index, 'name'],
        with: [['alerts', first, 'name']],
        message: 'a second channel of this name',
        first: ['alerts', first, 'name'],
        hint: 'Give each its own.',
      },
    ];
  });
}

function watcherChecks({ backends, lifeguard: { name } }: Ecosystem): Conflict[] {
  const path = ['lifeguard', 'name'];
  const digits = { message: 'a name of digits only', hint: "pm2 would take it for an app's number. Add a letter." };
  const taken = { message: 'this name is taken', hint: 'lifeguard-shop would do.' };
  if (/^\d+$/.test(name)) return [{ path, with: [], ...digits }];
  if (/^(all|database)$/i.test(name) || /\.(jsonl?|lock|keeper)$/i.test(name)) return [{ path, with: [], ...taken }];
  return backends.flatMap((backend, index) => {
    if (RESERVED.includes(backend.name) || ![name, databaseOf(name)].includes(backend.name)) return [];
    const hint = 'It is the name of lifeguard here, or of its database. Choose another name.';
    return [{ path: ['backends', index, 'name'], with: [path], message: taken.message, hint }];
  });
}

function dashboardChecks({ dashboard }: Ecosystem): Conflict[] {
  if (!dashboard || dashboard.port === null || dashboard.token !== null || isLoopback(dashboard.host)) return [];
  const hint = 'Others can reach it: set dashboard.token, or host: 127.0.0.1.';
  return [
    {
      path: ['dashboard', 'host'],
      with: [['dashboard', 'token']],
      message: 'a dashboard for the whole network without a token',
      hint,
    },
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
