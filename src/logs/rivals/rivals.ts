import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Pm2Process } from '../../pm2/types.ts';
import { beginningOf, type LogrotateRule, logrotateRules, logrotateStamp } from './logrotate-rules.ts';

/** How often it is looked whether the rules have changed. */
const LOOK_EVERY_MS = 60_000;

/** Finds out who else rotates a log file: two that do lose lines. */
export class Rivals {
  readonly #places: readonly string[];
  readonly #now: () => number;
  #nextLookAt = Number.NEGATIVE_INFINITY;
  #stamp = '';
  #matches: (path: string) => LogrotateRule | undefined = () => undefined;

  /** @param places see LOGROTATE_PLACES @param now monotonic ms */
  constructor(places: readonly string[], now: () => number) {
    this.#places = places;
    this.#now = now;
  }

  /** @returns the rival of a log file, as people call it; null: there is none */
  look(processes: readonly Pm2Process[]): (path: string) => string | null {
    this.#readRules();
    const module = processes.find(isRotatingModule);
    return (path) => (module ? `the PM2 module ${module.name}` : (this.#matches(path)?.file ?? null));
  }

  #readRules(): void {
    if (this.#now() < this.#nextLookAt) return;
    this.#nextLookAt = this.#now() + LOOK_EVERY_MS;
    const stamp = logrotateStamp(this.#places);
    if (stamp === this.#stamp) return;
    const rules = logrotateRules(this.#places);
    this.#matches = matcherOf(rules);
    this.#stamp = stamp;
  }
}

/** pm2-logrotate and its descendants rotate every app's files and pm2.log. */
function isRotatingModule({ name, status, env }: Pm2Process): boolean {
  const isModule = env.pmx_module === true || (env.axm_options as { isModule?: unknown } | undefined)?.isModule === true;
  return isModule && /logrotate/.test(name) && status !== 'stopped' && status !== 'errored';
}

/** picomatch takes 1 MB, and nearly every machine has rules, for files elsewhere: it is loaded when one may be meant. */
function matcherOf(rules: readonly LogrotateRule[]): (path: string) => LogrotateRule | undefined {
  const globs = new Map<string, (path: string) => boolean>();
  const matches = (pattern: string, path: string): boolean => {
    if (!path.startsWith(beginningOf(pattern))) return false;
    const glob = globs.get(pattern) ?? globOf(pattern);
    globs.set(pattern, glob);
    return glob(path);
  };
  return (path) => {
    const names = [path, realPathOf(path)];
    return rules.find(({ pattern }) => names.some((name) => matches(pattern, name)));
  };
}

function globOf(pattern: string): (path: string) => boolean {
  const picomatch = createRequire(import.meta.url)('picomatch') as typeof import('picomatch');
  return picomatch(pattern, { nobrace: true, noextglob: true });
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
