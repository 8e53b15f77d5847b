import { readFileSync } from 'node:fs';

/** `${NAME}` and `${NAME:-…}` in YAML; `process.env.NAME` and `process.env['NAME']` in TypeScript. */
const NAMED = [/\$\{([A-Za-z_]\w*)/g, /\bprocess\.env\.([A-Za-z_]\w*)/g, /\bprocess\.env\[['"`]([A-Za-z_]\w*)['"`]\]/g];
/** `const { NAME, OTHER: short = '' } = process.env` */
const TAKEN_APART = /\{([^{}]*)\}\s*=\s*process\.env\b/g;

/** The names of the variables that these files speak of. One that cannot be read speaks of none. */
export function variablesNamedIn(files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => namesIn(textOf(file))));
}

function namesIn(text: string): string[] {
  const taken = [...text.matchAll(TAKEN_APART)].flatMap(([, names = '']) =>
    names.split(',').map((name) => /\w+/.exec(name)?.[0] ?? ''),
  );
  return [...NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)), ...taken].filter(Boolean);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
