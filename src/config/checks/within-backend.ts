import type { Conflict } from '../check.ts';
import type { Path } from '../reading/located.ts';
import type { Backend } from '../schema/schema.ts';
import { RESERVED } from './reserved-names.ts';

type Report = (path: Path, message: string, hint: string | null, others?: readonly Path[]) => Conflict;
type IsWritten = (path: Path) => boolean;

/** The conflicts within one backend. `index`: its place in the configuration. */
export function withinBackend(backend: Backend, index: number, isWritten: (path: Path) => boolean): Conflict[] {
  const conflict: Report = (path, message, hint, others = []) => {
    return { path: ['backends', index, ...path], with: others.map((other) => ['backends', index, ...other]), message, hint };
  };
  return [nameChecks, runChecks, backend.run.once ? jobChecks : healthChecks, restartChecks, stopSignalChecks].flatMap((check) =>
    check(backend, conflict, (path) => isWritten(['backends', index, ...path])),
  );
}

function nameChecks({ name, depends_on }: Backend, report: Report): Conflict[] {
  const found: Conflict[] = [];
  if (RESERVED.includes(name.toLowerCase())) {
    found.push(
      report(
        ['name'],
        'this name is taken',
        `${RESERVED.join(', ')} have a meaning of their own in PM2's list. Choose another name.`,
      ),
    );
  }
  if (/^\d+$/.test(name))
    found.push(report(['name'], 'a name of digits only', "pm2 would take it for an app's number. Add a letter."));
  depends_on.forEach((dependency, index) => {
    const first = depends_on.findIndex((other) => other.name === dependency.name);
    if (first < index)
      found.push(
        report(['depends_on', index, 'name'], 'two dependencies of the same name', 'Give each its own name.', [
          ['depends_on', first, 'name'],
        ]),
      );
  });
  return found;
}

function runChecks({ run, port }: Backend, report: Report): Conflict[] {
  const found: Conflict[] = [];
  const both: Path[] = [
    ['run', 'command'],
    ['run', 'script'],
  ];
  if (run.command !== undefined && run.script !== undefined) {
    found.push(
      report(
        ['run', 'script'],
        'command and script, both',
        'command is a program with its arguments; script is a file that PM2 runs. Keep one.',
        both,
      ),
    );
  }
  if (run.command === undefined && run.script === undefined) {
    found.push(
      report(
        ['run'],
        'neither command nor script',
        'Say what is run: command: venv/bin/uvicorn main:app, or script: server.js.',
        both,
      ),
    );
  }
  if (run.command !== undefined && run.script === undefined) {
    if (run.args.length > 0)
      found.push(report(['run', 'args'], 'args beside a command', 'Arguments of a command stand in the command itself.', both));
    if (run.interpreter !== null)
      found.push(
        report(['run', 'interpreter'], 'an interpreter beside a command', 'Begin the command with it, or use script.', both),
      );
  }
  if (run.instances > 1 && !isNodeScript(run)) {
    found.push(
      report(
        ['run', 'instances'],
        'several instances of what is no Node script',
        "Only Node scripts share a port under PM2. Use the program's own workers, such as uvicorn --workers 4.",
        [...both, ['run', 'interpreter']],
      ),
    );
  }
  const own = run.env.PORT;
  if (port !== null && own !== undefined && own !== String(port)) {
    found.push(
      report(
        ['run', 'env', 'PORT'],
        'another PORT than port',
        `port is exported as PORT by itself: remove this, or make both ${port}.`,
        [['port']],
      ),
    );
  }
  return found;
}

function isNodeScript({ script, interpreter }: Backend['run']): boolean {
  return script !== undefined && /\.[cm]?[jt]s$/.test(script) && (interpreter === null || /(^|\/)node$/.test(interpreter));
}

function healthChecks({ health, port }: Backend, report: Report, isWritten: IsWritten): Conflict[] {
  const found = (['liveness', 'readiness'] as const)
    .filter((key) => port === null && pathOf(health[key])?.startsWith('/') && isWritten(['health', key]))
    .map((key) =>
      report(
        ['health', key],
        'a path, but no port',
        `Set port: beside health:, or write a whole URL: http://127.0.0.1:5555${key === 'liveness' ? '/health' : '/api/health'}.`,
        [['port']],
      ),
    );
  if (found.length === 0 && port === null && pathOf(health.liveness)?.startsWith('/')) {
    found.push(
      report(
        [],
        'nothing says how its health is asked',
        'Give its port (port: 5555; /health is asked there), a whole URL (health: { liveness: http://127.0.0.1:5555/health }), or say that there is nothing to ask (health: { liveness: null }).',
        [['port'], ['health', 'liveness']],
      ),
    );
  }
  if (health.liveness === null && health.readiness !== null && isWritten(['health', 'readiness'])) {
    found.push(
      report(
        ['health', 'readiness'],
        'readiness without liveness',
        'Give liveness a target too: without one nothing is checked.',
        [['health', 'liveness']],
      ),
    );
  }
  return found;
}

/** A job: only its end counts. */
function jobChecks({ run, port, pmx, restart }: Backend, report: Report, isWritten: IsWritten): Conflict[] {
  const hint = 'Of a job only its end counts. Take this out, or once.';
  const others: readonly Path[] = [['run', 'once']];
  const odd: readonly (readonly [boolean, Path, string])[] = [
    [run.instances > 1, ['run', 'instances'], 'a job with instances'],
    [port !== null, ['port'], 'a job with a port'],
    [pmx, ['pmx'], 'a job with pmx'],
    [restart.stop_signal !== null, ['restart', 'stop_signal'], 'a job with a stop_signal'],
    ...(['liveness', 'readiness'] as const).map(
      (key) => [isWritten(['health', key]), ['health', key], 'a job with a check'] as const,
    ),
  ];
  return odd.flatMap(([is, path, message]) => (is ? [report(path, message, hint, others)] : []));
}

function pathOf(check: Backend['health']['liveness']): string | null {
  if (check === null || typeof check === 'string') return check;
  return 'http' in check ? check.http : 'grpc' in check ? check.grpc : null;
}

function restartChecks({ restart, logs }: Backend, report: Report): Conflict[] {
  const found: Conflict[] = [];
  if (restart.backoff.initial > restart.backoff.max) {
    found.push(
      report(['restart', 'backoff', 'initial'], 'backoff.initial is longer than backoff.max', 'Make initial the shorter one.', [
        ['restart', 'backoff', 'max'],
      ]),
    );
  }
  restart.on.forEach((cause, index) => {
    if (restart.on.indexOf(cause) < index)
      found.push(report(['restart', 'on', index], `${cause} stands there twice`, 'Remove one.'));
  });
  if (logs.max_total !== null && logs.max_total <= logs.max_size) {
    found.push(
      report(
        ['logs', 'max_total'],
        'logs.max_total is not above logs.max_size',
        'One rotated file could fill it, and none be kept. Make it several times max_size.',
        [['logs', 'max_size']],
      ),
    );
  }
  return found;
}

function stopSignalChecks({ run, restart }: Backend, report: Report): Conflict[] {
  if (run.instances === 1 || restart.stop_signal === null) return [];
  return [
    report(['restart', 'stop_signal'], 'not with instances: PM2 ends the workers of a cluster, with SIGINT', 'Leave it out.', [
      ['run', 'instances'],
    ]),
  ];
}
