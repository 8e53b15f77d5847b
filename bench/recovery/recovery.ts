export const HELP = 'Usage: npm run bench -- recovery\n\nNot there yet.';

export async function run(_args: readonly string[]): Promise<number> {
  console.error(HELP);
  return 1;
}
