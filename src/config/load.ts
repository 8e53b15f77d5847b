import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ConfigError, type Diagnostic } from './mistakes/diagnostics.ts';
import { fromTypescript, type Located, type Source } from './reading/located.ts';
import { overlay } from './reading/overlay.ts';
import { readSource } from './reading/read-file.ts';
import { parseYaml } from './reading/yaml.ts';
import type { ResolvedConfig } from './resolved.ts';
import { resolveConfig } from './to-policy.ts';
import { validate } from './validate.ts';

export const OVERLAY_FILE = 'backend.yaml';

export interface ConfigSources {
  /** The ecosystem file. */
  readonly file: string;
  /** What it gives to `defineEcosystem`. Its types are a promise of the compiler only: it is checked all the same. */
  readonly typescript: unknown;
  /** Variables for `${VAR}`, and LIFEGUARD_CONFIG. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative names start, and what files are shown relative to. Default: the working directory. */
  readonly cwd?: string;
}

/**
 * Reads, overlays, validates and resolves the configuration: the ecosystem file's own, with backend.yaml beside it laid over it;
 * or the file that LIFEGUARD_CONFIG names, alone. Reads files, changes nothing.
 * @throws ConfigError with every mistake.
 */
export function loadConfig({ file, typescript, env, cwd = process.cwd() }: ConfigSources): ResolvedConfig {
  const ecosystem = resolve(cwd, file);
  const alone = env.LIFEGUARD_CONFIG ? resolve(cwd, env.LIFEGUARD_CONFIG) : null;
  const directory = dirname(ecosystem);
  const yaml = alone ?? (existsSync(join(directory, OVERLAY_FILE)) ? join(directory, OVERLAY_FILE) : null);

  const base = alone ? null : fromTypescript(typescript, { file: ecosystem, shown: shownAs(ecosystem, cwd) });
  const over = yaml ? readYaml(yaml, env, cwd) : { root: null, diagnostics: [] };
  const root = base && over.root ? overlay(base, over.root) : (over.root ?? base);
  // Nothing in the only file there is: as an empty one, so that the same rules speak.
  const written = root ?? fromTypescript({}, { file: yaml ?? ecosystem, shown: shownAs(yaml ?? ecosystem, cwd) });
  const unreadable = over.root === null && over.diagnostics.length > 0;
  const { config, diagnostics } = validate(written);
  const all = [...over.diagnostics, ...(unreadable ? diagnostics.filter(isWrongByItself) : diagnostics)];
  if (!config || all.length > 0) throw new ConfigError(all);
  return resolveConfig(config, written, { files: [...(alone ? [] : [ecosystem]), ...(yaml ? [yaml] : [])], directory });
}

/** What an overlay that cannot be read could not make right: a key or value, not one that is missing or does not fit the others. */
function isWrongByItself({ code, place }: Diagnostic): boolean {
  return place.kind === 'typescript' && code !== 'conflict' && code !== 'missing-key';
}

function readYaml(
  file: string,
  env: ConfigSources['env'],
  cwd: string,
): { root: Located | null; diagnostics: readonly Diagnostic[] } {
  const read = readSource(file, shownAs(file, cwd));
  return read.ok ? parseYaml(withoutByteOrderMark(read.source), env) : { root: null, diagnostics: [read.diagnostic] };
}

function withoutByteOrderMark(source: Source): Source {
  return { ...source, text: source.text.replace(/^\u{FEFF}/u, '') };
}

/** As one would type it from here; the whole path for what lies outside. */
function shownAs(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
