/** One line a mistake: which variable, what it holds, what was expected. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`wrong environment: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** Reads typed values from environment variables and collects every mistake, so that all are reported in one go. */
export class EnvironmentReader {
  readonly #env: NodeJS.ProcessEnv;
  readonly #problems: string[] = [];

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  /** null when unset or empty. */
  optional(name: string): string | null {
    return this.#env[name]?.trim() || null;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.optional(name) ?? fallback;
    return allowed.find((word) => word === text) ?? this.#wrong(name, text, `one of ${allowed.join(', ')}`, fallback);
  }

  integer(name: string, fallback: number, { min, max }: { min: number; max: number }): number {
    const text = this.optional(name);
    if (text === null) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : this.#wrong(name, text, `a whole number from ${min} to ${max}`, fallback);
  }

  /** `250ms`, `10s`, `5m`, or a number of milliseconds. @returns milliseconds. */
  duration(name: string, fallback: string): number {
    const text = this.optional(name) ?? fallback;
    return milliseconds(text) ?? this.#wrong(name, text, 'a duration such as 500ms, 8s or 1m', 0);
  }

  durations(name: string, fallback: string): number[] {
    return this.list(name, fallback).map((text) => milliseconds(text) ?? this.#wrong(name, text, 'durations such as 2s,4s', 0));
  }

  list(name: string, fallback = ''): string[] {
    return this.text(name, fallback)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  /** For what this class cannot see: `expected` completes "NAME=value: expected …". */
  reject(name: string, expected: string): void {
    this.#wrong(name, this.#env[name] ?? '', expected, null);
  }

  /** @throws EnvironmentError when anything read so far was wrong. */
  finish(): void {
    if (this.#problems.length > 0) throw new EnvironmentError(this.#problems);
  }

  #wrong<T>(name: string, text: string, expected: string, fallback: T): T {
    const shown = name.endsWith('URL') ? '…' : JSON.stringify(text);
    this.#problems.push(`${name}=${shown}: expected ${expected}`);
    return fallback;
  }
}

function milliseconds(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (!match) return null;
  return Math.round(Number(match[1]) * ({ ms: 1, s: 1_000, m: 60_000 }[match[2] ?? 'ms'] ?? 1));
}
