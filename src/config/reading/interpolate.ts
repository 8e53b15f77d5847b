/** What became of the `${…}` in a text. Offsets are into the text as given. */
export type Interpolation =
  | {
      readonly ok: true;
      readonly text: string /** Names of the variables in it; empty: nothing was put in. */;
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly InterpolationProblem[] };

export interface InterpolationProblem {
  readonly kind: 'unset' | 'malformed';
  /** `${NAME}` as written, or as much of it as there is. */
  readonly written: string;
  readonly offset: number;
  readonly name: string | null;
}

/**
 * Puts variables in: `${VAR}`, `${VAR:-default}` (taken when VAR is unset or empty, as in a shell), `$${` for a plain `${`.
 * Any other `$` stays. What is put in is not looked at again. An unset variable without a default is a problem; never throws.
 */
export function interpolate(text: string, env: Readonly<Record<string, string | undefined>>): Interpolation {
  const variables: string[] = [];
  const problems: InterpolationProblem[] = [];
  const result = text.replace(
    /\$\$\{|\$\{([^}]*)(\}?)/g,
    (written: string, inside: string | undefined, closing: string | undefined, offset: number) => {
      if (inside === undefined) return '${';
      const match = closing ? /^([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{).)*))?$/s.exec(inside) : null;
      if (!match) {
        problems.push({ kind: 'malformed', written, offset, name: null });
        return '';
      }
      const [, name = '', fallback] = match;
      variables.push(name);
      const found = Object.hasOwn(env, name) ? env[name] : undefined;
      if (fallback !== undefined) return found || fallback;
      if (found === undefined) problems.push({ kind: 'unset', written, offset, name });
      return found ?? '';
    },
  );
  return problems.length > 0 ? { ok: false, problems } : { ok: true, text: result, variables };
}

/** What YAML 1.2 makes of a plain scalar: null, true and false, a number, else the text. */
export function readPlainScalar(text: string): unknown {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}
