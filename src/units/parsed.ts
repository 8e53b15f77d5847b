/** What became of reading a value. `expected` names what would have been right; `hint` says how to write it, when that can be guessed. */
export type Parsed<T = number> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly hint: string | null };

export function refuse(expected: string, hint: string | null = null): Parsed<never> {
  return { ok: false, expected, hint };
}
