/** Bytes as a finding tells them: whole megabytes, of 1024 KB as in PM2. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}
