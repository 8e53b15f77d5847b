import { stringify } from 'yaml';
import type { Draft, DraftBackend } from './draft.ts';

/** A file that is to be written where there is none. */
export interface PlannedFile {
  readonly name: string;
  readonly text: string;
}

/** What the project says of itself, where it is one of Node's. */
export interface Surroundings {
  /** `"type": "module"` in package.json; there is none: a module, too. */
  readonly isModule: boolean;
  /** From where the ecosystem file imports defineEcosystem. */
  readonly importFrom: string;
}

/** The files that a draft comes to. Pure. */
export function planFiles(draft: Draft, surroundings: Surroundings): PlannedFile[] {
  return [
    { name: 'backend.yaml', text: backendYaml(draft) },
    { name: 'ecosystem.config.ts', text: ecosystemFile(surroundings) },
  ];
}

function ecosystemFile({ isModule, importFrom }: Surroundings): string {
  const comment = '// All of it is in backend.yaml; the same keys may stand here, typed.';
  return isModule
    ? `import { defineEcosystem } from '${importFrom}';\n\n${comment}\nexport const { apps } = defineEcosystem(import.meta.url, { backends: [] });\n`
    : `const { defineEcosystem } = require('${importFrom}') as typeof import('${importFrom}');\n\n${comment}\nmodule.exports = defineEcosystem(__filename, { backends: [] });\n`;
}

function backendYaml({ found, backends }: Draft): string {
  return [
    '# yaml-language-server: $schema=./node_modules/pm2-lifeguard/backend.schema.json',
    `# Made by \`lifeguard init\` from ${found}. Every key, and its default: docs/configuration.md of pm2-lifeguard.`,
    'backends:',
    ...backends.map(backendText),
    '',
  ].join('\n');
}

function backendText({ name, run, port, liveness, readiness, comments, maxMemory }: DraftBackend): string {
  const target = liveness === 'tcp' ? `tcp://127.0.0.1:${port}` : liveness;
  const lines = [
    `- name: ${scalar(name)}`,
    ...block('  ', 'run', {
      command: run.command,
      script: run.script,
      interpreter: run.interpreter,
      args: run.args,
      cwd: run.cwd,
      env_file: run.envFile,
      env: run.env,
      instances: run.instances,
    }),
    ...commented(comments.port, port === null ? [] : [`  port: ${port}`]),
    ...commented(comments.health, block('  ', 'health', { liveness: target, readiness })),
    ...(maxMemory === null
      ? []
      : block('  ', 'restart', { max_memory: /^\d+$/.test(maxMemory) ? Number(maxMemory) : maxMemory })),
    ...(port === null
      ? []
      : ['  # depends_on:', `  #   - { name: database, check: "\${DATABASE_URL}", field: services.database }`]),
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

function commented(comment: string | undefined, lines: readonly string[]): readonly string[] {
  return comment === undefined ? lines : [`  # ${comment}`, ...lines];
}

/** A key and what is below it; what is undefined is left out. */
function block(indent: string, key: string, values: Readonly<Record<string, unknown>>): string[] {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const text = stringify({ [key]: given }, { lineWidth: 0 }).trimEnd();
  return text.split('\n').map((line) => indent + line);
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}
