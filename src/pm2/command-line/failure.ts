/**
 * An error as a person is shown it: an expected one as its message and its hint, any other with its stack. Told apart by their shape,
 * for the ecosystem file may import another copy of this package.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isExpected(error)) return error.stack ?? error.message;
  const { hint } = error as { hint?: string | null };
  return hint ? `${error.message}\n${hint}` : error.message;
}

/** Something that a person can mend, not a fault of this package. */
export function isExpected(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ('hint' in error || error.name === 'Pm2Error');
}
