import { Counter, Gauge, Histogram, type MetricType, Registry } from 'prom-client';
import { STATE_NAMES } from '../../policy/state-name.ts';
import { CHECK_BOUNDS, type Distribution, RECOVERY_BOUNDS } from '../figures/distribution.ts';
import type { BackendFigures, ChannelFigures, Figures, OwnFigures, RotationFigures } from '../figures/figures.ts';

/** Figures in Prometheus' text format. Made anew for each scrape: a backend that is configured no more leaves no series behind. */
export async function metricsText(figures: Figures): Promise<{ readonly text: string; readonly contentType: string }> {
  const registry = new Registry();
  addOwn(registry, figures.lifeguard);
  addStates(registry, figures.backends);
  addChecks(registry, figures.backends);
  addRestarts(registry, figures.backends);
  addDependencies(registry, figures.backends);
  addChannels(registry, figures.channels);
  addRotation(registry, figures.rotation);
  return { text: await registry.metrics(), contentType: registry.contentType };
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Described {
  readonly name: string;
  readonly help: string;
}

function addOwn(registry: Registry, { version, node, startedAt, rssBytes, cpuSeconds, loopDelaySeconds }: OwnFigures): void {
  const own = 'of lifeguard itself';
  gauge(registry, { name: 'lifeguard_build_info', help: `The versions ${own} and of its Node, as labels; always 1.` }, [
    [{ version, node }, 1],
  ]);
  gauge(registry, { name: 'lifeguard_start_time_seconds', help: `Start ${own}, Unix time.` }, [[{}, startedAt / 1_000]]);
  gauge(registry, { name: 'lifeguard_resident_memory_bytes', help: `Resident memory ${own}.` }, [[{}, rssBytes]]);
  counter(registry, { name: 'lifeguard_cpu_seconds_total', help: `Processor time ${own}.` }, [[{}, cpuSeconds]]);
  gauge(
    registry,
    { name: 'lifeguard_event_loop_delay_seconds', help: `How late a timer ${own} was at worst within the last minute.` },
    [[{}, loopDelaySeconds]],
  );
}

function addStates(registry: Registry, backends: readonly BackendFigures[]): void {
  gauge(
    registry,
    { name: 'lifeguard_backend_state', help: 'What is thought of a backend: 1 for the state that it is in, 0 for every other.' },
    backends.flatMap(({ name, state }) =>
      STATE_NAMES.map((each): Sample => [{ backend: name, state: each }, each === state ? 1 : 0]),
    ),
  );
  gauge(
    registry,
    { name: 'lifeguard_backend_start_time_seconds', help: "Start of a backend's oldest process, Unix time; absent: none runs." },
    known(backends, ({ startedAt }) => startedAt && startedAt / 1_000),
  );
}

function addChecks(registry: Registry, backends: readonly BackendFigures[]): void {
  counter(
    registry,
    { name: 'lifeguard_checks_total', help: 'Health checks by result (success, failure, void) and by the reason for it.' },
    backends.flatMap(({ name, checks }) =>
      checks.map(({ result, reason, count }): Sample => [{ backend: name, result, reason }, count]),
    ),
  );
  gauge(
    registry,
    {
      name: 'lifeguard_last_check_timestamp_seconds',
      help: 'When a backend was last checked with a result, Unix time; absent: not since the start of lifeguard.',
    },
    known(backends, ({ lastCheckAt }) => lastCheckAt && lastCheckAt / 1_000),
  );
  histogram(
    registry,
    { name: 'lifeguard_check_duration_seconds', help: 'How long answers to the liveness check took.' },
    CHECK_BOUNDS,
    backends.map(({ name, durations }) => [{ backend: name }, durations] as const),
  );
}

function addRestarts(registry: Registry, backends: readonly BackendFigures[]): void {
  counter(
    registry,
    { name: 'lifeguard_restarts_total', help: 'Restarts of a backend by their cause.' },
    backends.flatMap(({ name, restarts }) =>
      Object.entries(restarts).map(([cause, count]): Sample => [{ backend: name, cause }, count]),
    ),
  );
  gauge(
    registry,
    { name: 'lifeguard_restart_budget_remaining', help: 'Restarts that are left before the limit is reached.' },
    backends.map(({ name, restartsLeft }): Sample => [{ backend: name }, restartsLeft]),
  );
  histogram(
    registry,
    { name: 'lifeguard_recovery_seconds', help: 'From the first failure of an incident to its recovery.' },
    RECOVERY_BOUNDS,
    backends.map(({ name, recoveries }) => [{ backend: name }, recoveries] as const),
  );
}

function addDependencies(registry: Registry, backends: readonly BackendFigures[]): void {
  gauge(
    registry,
    {
      name: 'lifeguard_dependency_up',
      help: 'Whether a dependency of a backend answered when it was last asked; absent: never asked.',
    },
    backends.flatMap(({ name, dependencies }) =>
      dependencies.flatMap(({ name: dependency, up }): Sample[] =>
        up === null ? [] : [[{ backend: name, dependency }, up ? 1 : 0]],
      ),
    ),
  );
}

function addChannels(registry: Registry, channels: readonly ChannelFigures[]): void {
  counter(
    registry,
    { name: 'lifeguard_notifications_total', help: 'Tries to tell people: sent, failed (tried again), given up.' },
    channels.flatMap(({ name: channel, sent, failed, givenUp }): Sample[] => [
      [{ channel, result: 'sent' }, sent],
      [{ channel, result: 'failed' }, failed],
      [{ channel, result: 'given_up' }, givenUp],
    ]),
  );
  gauge(
    registry,
    { name: 'lifeguard_notifications_queue_length', help: 'Messages that wait to be sent.' },
    channels.map(({ name: channel, waiting }): Sample => [{ channel }, waiting]),
  );
}

function addRotation(registry: Registry, { rotated, unverified, failed, archivedBytes }: RotationFigures): void {
  const add = (name: string, help: string, value: number) => counter(registry, { name, help }, [[{}, value]]);
  add('lifeguard_log_rotations_total', 'Log files that were rotated.', rotated);
  add(
    'lifeguard_log_rotations_unverified_total',
    'Of these, those of which it could not be told that no line was lost.',
    unverified,
  );
  add('lifeguard_log_rotations_failed_total', 'Log files that could not be rotated; counted once until it works again.', failed);
  add('lifeguard_log_archived_bytes_total', 'Size of the finished archives of log files.', archivedBytes);
}

function gauge(registry: Registry, described: Described, samples: readonly Sample[]): void {
  const metric = new Gauge({ ...described, labelNames: labelsIn(samples), registers: [registry] });
  if (samples.length === 0) metric.reset();
  for (const [labels, value] of samples) metric.set(labels, value);
}

function counter(registry: Registry, described: Described, samples: readonly Sample[]): void {
  const metric = new Counter({ ...described, labelNames: labelsIn(samples), registers: [registry] });
  for (const [labels, value] of samples) metric.inc(labels, value);
}

/** prom-client declares an enum that is not there when it runs. */
const HISTOGRAM = 'histogram' as unknown as MetricType;

interface Histogrammed extends Described {
  readonly bounds: readonly number[];
  readonly counted: readonly (readonly [Labels, Distribution])[];
}

/** prom-client's own counts value by value; these come counted. */
class Counted extends Histogram {
  readonly #of: Histogrammed;

  constructor(registry: Registry, of: Histogrammed) {
    super({ name: of.name, help: of.help, buckets: [...of.bounds], labelNames: ['backend'], registers: [registry] });
    this.#of = of;
  }

  override async get(): ReturnType<Histogram['get']> {
    const { name, help } = this.#of;
    const values = this.#of.counted.flatMap(([labels, found]) => seriesOf(this.#of, labels, found));
    return { name, help, type: HISTOGRAM, aggregator: 'sum', values, collect: () => undefined };
  }

  /** What the registry asks first, though its types do not say so. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }
}

function histogram(registry: Registry, described: Described, bounds: readonly number[], counted: Histogrammed['counted']): void {
  new Counted(registry, { ...described, bounds, counted });
}

function seriesOf({ name, bounds }: Histogrammed, labels: Labels, { upTo, count, sum }: Distribution) {
  const buckets = [...bounds.map((bound, i) => [String(bound), upTo[i] ?? 0] as const), ['+Inf', count] as const];
  return [
    ...buckets.map(([le, value]) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value })),
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function known(backends: readonly BackendFigures[], value: (backend: BackendFigures) => number | null): Sample[] {
  return backends.flatMap((backend): Sample[] => {
    const found = value(backend);
    return found === null ? [] : [[{ backend: backend.name }, found]];
  });
}

function labelsIn(samples: readonly Sample[]): string[] {
  return Object.keys(samples[0]?.[0] ?? {});
}
