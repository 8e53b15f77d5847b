import { realpathSync } from 'node:fs';
import type { Pm2Process } from '../../pm2/types.ts';
import { type LogrotateRule, logrotateRules, logrotateStamp } from './logrotate-rules.ts';

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
  async look(processes: readonly Pm2Process[]): Promise<(path: string) => string | null> {
    await this.#readRules();
    const module = processes.find(isRotatingModule);
    return (path) => (module ? `the PM2 module ${module.name}` : (this.#matches(path)?.file ?? null));
  }

  async #readRules(): Promise<void> {
    if (this.#now() < this.#nextLookAt) return;
    this.#nextLookAt = this.#now() + LOOK_EVERY_MS;
    const stamp = logrotateStamp(this.#places);
    if (stamp === this.#stamp) return;
    const rules = logrotateRules(this.#places);
    this.#matches = rules.length === 0 ? () => undefined : await matcherOf(rules);
    this.#stamp = stamp;
  }
}

/** pm2-logrotate and its descendants rotate every app's files and pm2.log. */
function isRotatingModule({ name, status, env }: Pm2Process): boolean {
  const isModule = env.pmx_module === true || (env.axm_options as { isModule?: unknown } | undefined)?.isModule === true;
  return isModule && /logrotate/.test(name) && status !== 'stopped' && status !== 'errored';
}

/** picomatch is loaded where there are rules. */
async function matcherOf(rules: readonly LogrotateRule[]): Promise<(path: string) => LogrotateRule | undefined> {
  const { default: picomatch } = await import('picomatch');
  const matchers = rules.map((rule) => ({ rule, matches: picomatch(rule.pattern, { nobrace: true, noextglob: true }) }));
  return (path) => {
    const names = [path, realPathOf(path)];
    return matchers.find(({ matches }) => names.some((name) => matches(name)))?.rule;
  };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
