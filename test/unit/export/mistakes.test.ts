// Deliberate mistakes in the exporters' own source: each is caught by what an export is checked with. Without that, a check that
// finds nothing would say nothing.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { mistakesIn } from '../../support/export/check.ts';
import { CONFIGURATIONS, inputOf, withPrograms } from '../../support/export/configurations.ts';
import { planned, type Target } from '../../support/export/planned.ts';
import { ROOT } from '../../support/sandbox.ts';

interface Mistake {
  readonly what: string;
  readonly target: Target;
  /** The name of the configuration in which it shows. */
  readonly in: string;
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
  /** What is said of it. */
  readonly caught: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'Restart= in the section [Unit], as pm2 startup --wait-ip has it',
    target: 'systemd',
    in: 'fastapi',
    file: 'systemd/unit.ts',
    right: '...startLimit(subject),',
    wrong: "...startLimit(subject), ['Restart', 'always'],",
    caught: /Unknown key.*Restart/,
  },
  {
    what: 'a duration that systemd does not know',
    target: 'systemd',
    in: 'fastapi',
    file: 'systemd/unit-file.ts',
    right: "['s', 1_000]",
    wrong: "['secs.', 1_000]",
    caught: /Failed to parse/,
  },
  {
    what: 'a word of the command line that is not quoted',
    target: 'systemd',
    in: 'fastapi',
    file: 'systemd/unit.ts',
    right: 'subject.line.map(argument)',
    wrong: 'subject.line',
    caught: /not executable|Unbalanced quoting|not absolute/,
  },
  {
    what: 'a unit without its hardening',
    target: 'systemd',
    in: 'fastapi',
    file: 'systemd/unit.ts',
    right: '...hardeningOf(subject),',
    wrong: '',
    caught: /exposed at 9/,
  },
  {
    what: 'the name of a port that is too long',
    target: 'kubernetes',
    in: 'two-backends',
    file: 'kubernetes/deployment.ts',
    right: "PORT_NAME = 'http'",
    wrong: "PORT_NAME = 'http-of-the-backend'",
    caught: /15 characters at most/,
  },
  {
    what: 'a selector that is not what the pods are labelled',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/deployment.ts',
    right: 'template: { metadata: { labels }',
    wrong: 'template: { metadata: { labels: { app: name } }',
    caught: /selector is not what its pods are labelled/,
  },
  {
    what: 'a liveness probe with a success threshold of its own',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/probes.ts',
    right: 'failureThreshold: policy.failureThreshold,',
    wrong: 'failureThreshold: policy.failureThreshold, successThreshold: 2,',
    caught: /successThreshold of the liveness probe must be 1/,
  },
  {
    what: 'a key that Kubernetes does not have',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/probes.ts',
    right: '{ livenessProbe: {',
    wrong: '{ livenesProbe: {',
    caught: /livenesProbe/,
  },
  {
    what: 'more memory asked for than is allowed',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/resources.ts',
    right: 'cpu: CPU_REQUEST, memory }',
    wrong: "cpu: CPU_REQUEST, memory: '64Gi' }",
    caught: /asks for more memory than it may have/,
  },
  {
    what: 'a text that YAML 1.1 takes for a truth value, written as it stands',
    target: 'kubernetes',
    in: 'node-cluster',
    file: 'yaml.ts',
    right: "compat: 'yaml-1.1', ",
    wrong: '',
    caught: /boolean.*string|must be string/,
  },
  {
    what: 'a pod that is ended before it hears the signal',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/deployment.ts',
    right: 'DRAIN_S + wholeSeconds(backend.killTimeoutMs)',
    wrong: 'DRAIN_S',
    caught: /killed before it hears/,
  },
  {
    what: 'an overlay for an image that no container has',
    target: 'kubernetes',
    in: 'fastapi',
    file: 'kubernetes/kustomize.ts',
    right: 'name: objectName(name),\n      newName',
    wrong: 'name: `${objectName(name)}-image`,\n      newName',
    caught: /no container has the image/,
  },
  {
    what: 'a key that compose does not have',
    target: 'compose',
    in: 'fastapi',
    file: 'compose/service.ts',
    right: 'stop_grace_period:',
    wrong: 'stop_grace_time:',
    caught: /additional properties/,
  },
  {
    what: 'waiting for a database that nothing checks',
    target: 'compose',
    in: 'fastapi',
    file: 'compose/needed.ts',
    right: "healthcheck: { test: ['CMD', 'pg_isready', '-U', user, '-d', database], ...HEALTHCHECK },",
    wrong: '',
    caught: /waits for database to be healthy, which nothing checks/,
  },
];

// Below the project, so that what the copies import is found.
const folder = mkdtempSync(join(ROOT, 'node_modules/.lifeguard-mistakes-'));
after(() => rmSync(folder, { recursive: true }));

for (const [index, { what, target, in: name, file, right, wrong, caught }] of MISTAKES.entries())
  test(`caught: ${what}`, async () => {
    const exporter = copiedExporter(join(folder, String(index)));
    const changed = join(exporter, file);
    const text = readFileSync(changed, 'utf8');
    assert.equal(text.split(right).length, 2, `${file} has ${right} once`);
    writeFileSync(
      changed,
      text.replace(right, () => wrong),
    );

    const configuration = CONFIGURATIONS.find((each) => each.name === name);
    assert.ok(configuration);
    const input = inputOf(configuration, join(folder, 'my project'), process.execPath);
    withPrograms(input);
    const found = mistakesIn(target, await planned(target, input, pathToFileURL(`${exporter}/`)));
    assert.match(found.join('\n'), caught);
  });

/** src/export copied, all else of src as it is. */
function copiedExporter(place: string): string {
  mkdirSync(join(place, 'src'), { recursive: true });
  for (const entry of readdirSync(join(ROOT, 'src')))
    if (entry !== 'export') symlinkSync(join(ROOT, 'src', entry), join(place, 'src', entry));
  cpSync(join(ROOT, 'src/export'), join(place, 'src/export'), { recursive: true });
  return join(place, 'src/export');
}
