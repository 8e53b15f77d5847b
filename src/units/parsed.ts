/** What became of reading a value with a unit. `hint` says how to write it right, when that can be guessed. */
export type Parsed =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly expected: string; readonly hint: string | null };
