// npm run bench -- NAME [options]
import { pathToFileURL } from 'node:url';
import { BENCHES, type Bench } from './benches.ts';

const WRONG_USAGE = 64;

/** What `npm run bench -- --help` prints. */
export function overview(benches: Readonly<Record<string, Bench>> = BENCHES): string {
  const width = Math.max(...Object.keys(benches).map((name) => name.length));
  const lines = Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return ['Usage: npm run bench -- NAME [options]', '', ...lines, '', 'npm run bench -- NAME --help tells the options.'].join(
    '\n',
  );
}

/** Runs the bench that the first argument names. @returns its exit status; 64 for a name that there is not */
export async function main(
  [name, ...args]: readonly string[],
  print: (text: string) => void,
  benches: Readonly<Record<string, Bench>> = BENCHES,
): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    print(overview(benches));
    return name === undefined ? WRONG_USAGE : 0;
  }
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) {
    print(`no bench is called ${name}\n\n${overview(benches)}`);
    return WRONG_USAGE;
  }
  const { run, HELP } = await bench.load();
  if (args.includes('--help') || args.includes('-h')) {
    print(HELP);
    return 0;
  }
  return run(args);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2), console.log);
}
