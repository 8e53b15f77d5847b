import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import type { ExportPlan } from '../../../src/export/plan.ts';

/** What is wrong in its YAML by the published schema of compose files, and what that one cannot see. */
export function mistakesInCompose({ files }: ExportPlan): string[] {
  const text = files.find(({ path }) => path === 'compose.yaml')?.text;
  if (text === undefined) return ['no compose.yaml'];
  return [...bySchema(text), ...byReferences(text)];
}

/** A linter's opinions on style are none of ours: names in the order of the alphabet and so on. */
const NO_OPINIONS = { quiet: true, debug: false, exclude: [], disableAll: true, rules: {} };

function bySchema(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-compose-'));
  try {
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, text);
    const results = new DCLinter(NO_OPINIONS).lintFiles([file], false) as readonly Linted[];
    return results.flatMap(({ messages }) =>
      messages.filter(({ rule }) => rule.startsWith('invalid-')).map(({ message }) => message),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Linted {
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

interface Composed {
  readonly services: Readonly<
    Record<string, { depends_on?: Record<string, unknown>; volumes?: string[]; healthcheck?: unknown }>
  >;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

function byReferences(text: string): string[] {
  const { services, volumes = {} } = parse(text) as Composed;
  return Object.entries(services).flatMap(([name, { depends_on = {}, volumes: used = [] }]) => [
    ...Object.keys(depends_on).flatMap((other) => {
      if (!services[other]) return [`${name} depends on ${other}, which is not there`];
      return services[other].healthcheck ? [] : [`${name} waits for ${other} to be healthy, which nothing checks`];
    }),
    ...used
      .filter((volume) => !((volume.split(':')[0] ?? '') in volumes))
      .map((volume) => `${name}: volume ${volume} is not declared`),
  ]);
}
