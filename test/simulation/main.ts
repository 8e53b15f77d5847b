import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hunt } from './mutants/hunt.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { type Outcome, runWorld } from './run.ts';
import { shrink } from './shrink.ts';
import { drawPlan } from './world/plan.ts';

const USAGE = `npm run simulate -- [options]
  --hours N    backend-hours to simulate (100)
  --seed S     the first world's seed is S million (1)
  --only       play the one world whose seed is S, and no other
  --all        go on when an invariant is broken, name the seed, and count; Ctrl-C: what came of it so far
  --shrink     leave out of a broken world what it does not take
  --except A;B invariants that may be broken
  --lines N    of the history that is shown (40)
  --mutants    puts one deliberate fault after the other into a copy of the code: each has to be found within --hours
  --mutant M   only those whose name has this in it
  --wide       the history of all backends, not only of the one that it is about`;

/** The worlds of one seed have the seeds that follow it. */
const WORLDS_A_SEED = 1_000_000;

interface Options {
  readonly hours: number;
  readonly seed: number;
  readonly isOnly: boolean;
  readonly isAll: boolean;
  readonly isShrunk: boolean;
  readonly except: ReadonlySet<string>;
  readonly lines: number;
  readonly isWide: boolean;
  /** Part of the names of the deliberate faults that are to be found; null: the code is played as it is. */
  readonly mutant: string | null;
}

interface Tally {
  worlds: number;
  hours: number;
  checks: number;
  readonly broken: Map<string, number[]>;
}

/** Plays worlds until so many backend-hours are over or an invariant is broken. Exit status 1: one was. */
async function main(): Promise<void> {
  const options = read(process.argv.slice(2));
  if (options.mutant !== null) return huntAll(options, options.mutant);
  const tally: Tally = { worlds: 0, hours: 0, checks: 0, broken: new Map() };
  let isOver = false;
  process.on('SIGINT', () => {
    isOver = true;
  });
  for (const seed of seeds(options)) {
    const outcome = await runWorld(drawPlan(seed), options.except, options.isWide);
    tally.worlds += 1;
    tally.hours += outcome.backendHours;
    tally.checks += outcome.checks;
    if (outcome.violation) {
      note(tally, outcome);
      if (options.isAll) console.log(`seed ${seed}: ${outcome.story.at(-1)}`);
      else await show(outcome, options);
    }
    // What waits to be told, such as a signal, is.
    await setImmediate();
    if (isOver || options.isOnly || tally.hours >= options.hours || (outcome.violation && !options.isAll)) break;
  }
  sayHowItWent(tally);
  process.exitCode = tally.broken.size > 0 ? 1 : 0;
}

/** Exit status 1: one was not found. */
async function huntAll(options: Options, part: string): Promise<void> {
  const mutants = MUTANTS.filter(({ name }) => name.includes(part));
  let missed = 0;
  for (const mutant of mutants) {
    const { isFound: isBroken, said } = await hunt(mutant, options);
    const isFound = isBroken && !(await isBrokenWithoutIt(said));
    if (!isFound) missed += 1;
    const how = said.split('\n').filter((line) => /^BROKEN|backend-hours/.test(line));
    console.log(`${isFound ? 'found' : 'MISSED'}: ${mutant.name}\n  ${(how.length > 0 ? how : [said]).join('\n  ')}`);
  }
  console.log(`${mutants.length - missed} of ${mutants.length} deliberate faults were found.`);
  process.exitCode = missed > 0 ? 1 : 0;
}

/** The same world as the code is: what is broken there too says nothing of the deliberate fault. Of one that ended the simulation no world is named. */
async function isBrokenWithoutIt(said: string): Promise<boolean> {
  const [, seed] = /seeds (\d+)/.exec(said) ?? [];
  return seed !== undefined && (await runWorld(drawPlan(Number(seed)))).violation !== null;
}

function* seeds({ seed, isOnly }: Options): Generator<number> {
  const first = isOnly ? seed : seed * WORLDS_A_SEED;
  for (let i = 0; ; i++) yield first + i;
}

function note({ broken }: Tally, { plan, violation }: Outcome): void {
  if (violation) broken.set(violation.invariant, [...(broken.get(violation.invariant) ?? []), plan.seed]);
}

async function show(outcome: Outcome, { isShrunk, except, lines }: Options): Promise<void> {
  const { plan, story } = isShrunk ? await shrink(outcome, except) : outcome;
  console.log(story.slice(-lines).join('\n'));
  console.log(
    `${plan.backends.length} backends, ${plan.faults.length} faults. Again: npm run simulate -- --seed ${plan.seed} --only`,
  );
}

function sayHowItWent({ worlds, hours, checks, broken }: Tally): void {
  const { user, system } = process.cpuUsage();
  const seconds = (user + system) / 1e6;
  const rate = `${Math.round((hours / seconds) * 60)} backend-hours a minute of processor time`;
  console.log(`${worlds} worlds, ${hours.toFixed(1)} backend-hours, ${checks} checks in ${seconds.toFixed(1)} s: ${rate}.`);
  for (const [invariant, found] of broken)
    console.log(`BROKEN ${invariant}: ${found.length} times, seeds ${found.slice(0, 12).join(' ')}`);
  if (broken.size === 0) console.log('No invariant was broken.');
}

function read(args: string[]): Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        hours: { type: 'string', default: '100' },
        seed: { type: 'string', default: '1' },
        only: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        shrink: { type: 'boolean', default: false },
        except: { type: 'string', default: '' },
        lines: { type: 'string', default: '40' },
        wide: { type: 'boolean', default: false },
        mutants: { type: 'boolean', default: false },
        mutant: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) end(USAGE, 0);
    return {
      hours: number(values.hours),
      seed: number(values.seed),
      isOnly: values.only,
      isAll: values.all,
      isShrunk: values.shrink,
      except: new Set(values.except.split(';')),
      lines: number(values.lines),
      isWide: values.wide,
      mutant: values.mutant ?? (values.mutants ? '' : null),
    };
  } catch (error) {
    return end(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`, 64);
  }
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`not a number: ${text}`);
  return value;
}

function end(text: string, status: number): never {
  console.log(text);
  process.exit(status);
}

await main();
