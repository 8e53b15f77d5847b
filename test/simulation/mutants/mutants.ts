/** A deliberate fault in the code. A simulation that does not find it is no good. */
export interface Mutant {
  /** What the code then does wrong. */
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** The one place in a file of src where `from` stands. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a list that is older than what the bus told is believed',
    edits: [
      {
        file: 'lifeguard/looking/picture.ts',
        from: 'return heardAt !== null && heardAt > askedAt;',
        to: 'return heardAt !== null && heardAt > askedAt + 1e12;',
      },
    ],
  },
  {
    name: 'the limit counts one too few',
    edits: [
      {
        file: 'policy/restarting/budget.ts',
        from: 'countRestarts(state, policy, now) >= policy.maxRestarts',
        to: 'countRestarts(state, policy, now) > policy.maxRestarts',
      },
    ],
  },
  {
    name: 'no check of a cluster counts while one of its workers is down',
    edits: [
      {
        file: 'policy/facts/checks.ts',
        from: 'const couldAnswer = ',
        to: "const couldAnswer = state.children.every(({ phase }) => phase === 'up') && ",
      },
    ],
  },
  {
    name: 'what PM2 refuses to do, or never answers, is waited for for ever',
    edits: [
      {
        file: 'policy/restarting/operation.ts',
        from: 'if (error !== null) return fail(late ? mayStillCome(turn, operation) : turn, operation, error);',
        to: 'if (error !== null) return turn;',
      },
      {
        file: 'policy/restarting/operation.ts',
        from: "return UNHEARD_MS + killTimeoutMs + (kind === 'reload' ? startupTimeoutMs : 0);",
        to: "return 1e12 + killTimeoutMs + (kind === 'reload' ? startupTimeoutMs : 0);",
      },
    ],
  },
  {
    name: 'an orphan of ours on the port is taken for nobody, and nothing that is left behind is ended',
    edits: [
      {
        file: 'policy/restarting/blocked.ts',
        from: "return holder.kind === 'orphan' ? endOrphan(turn, holder) : block(turn, holder);",
        to: "return holder.kind === 'orphan' ? (endOrphan(turn, holder), freed(turn)) : block(turn, holder);",
      },
      {
        file: 'lifeguard/clear-up.ts',
        from: 'await desk.ports.host.endLeftBehind(watched.config.name)',
        to: 'await Promise.resolve(watched.config.name === "")',
      },
      { file: 'lifeguard/operate.ts', from: '() => host.endLeftBehind(name)', to: '() => Promise.resolve(name)' },
    ],
  },
  {
    name: 'an overload that asks for patience is not believed',
    edits: [
      {
        file: 'policy/judging/overload.ts',
        from: 'return overload !== null && now < overload.until;',
        to: 'return overload !== null && now < overload.until - 1e12;',
      },
    ],
  },
  {
    name: 'kill_timeout is not waited for',
    edits: [
      {
        file: 'policy/restarting/operation.ts',
        from: "return UNHEARD_MS + killTimeoutMs + (kind === 'reload' ? startupTimeoutMs : 0);",
        to: "return Math.min(3_000, UNHEARD_MS + killTimeoutMs + (kind === 'reload' ? startupTimeoutMs : 0));",
      },
    ],
  },
  {
    name: 'what was given up has no trial',
    edits: [
      {
        file: 'policy/restarting/parked.ts',
        from: 'if (!isFree(turn) || state.blocked !== null) return turn;',
        to: 'if (!isFree(turn) || state.blocked !== null || now > 0) return turn;',
      },
    ],
  },
  {
    name: 'a successor knows nothing of what its predecessor counted',
    edits: [
      {
        file: 'lifeguard/memory.ts',
        from: 'if (stored[name] === undefined || stored[name] === null) continue;',
        to: 'if (stored[name] !== undefined || stored[name] === null) continue;',
      },
    ],
  },
  {
    name: 'a pause never ends',
    edits: [
      {
        file: 'policy/restarting/command.ts',
        from: 'return pause !== null && turn.now >= pause.until ? resume(turn) : turn;',
        to: 'return pause !== null && turn.now >= pause.until + 1e12 ? resume(turn) : turn;',
      },
    ],
  },
  {
    name: 'a second operation is begun while one is in flight',
    edits: [
      {
        file: 'policy/restarting/operation.ts',
        from: 'return operation === null && (retryAt === null || now >= retryAt);',
        to: 'return (operation === null || operation.id > 0) && (retryAt === null || now >= retryAt);',
      },
    ],
  },
  {
    name: 'a dependency that is down is no reason to hold',
    edits: [
      {
        file: 'policy/judging/judge.ts',
        from: 'if (down.length > 0 || isNoticing(state)) return dependencyDown(down, state);',
        to: 'if (down.length > 1e3 || isNoticing(state)) return dependencyDown(down, state);',
      },
    ],
  },
  {
    name: 'a message that the bus lost is never made up for',
    edits: [
      { file: 'lifeguard/supervise.ts', from: 'const LIST_EVERY_MS = 30_000;', to: 'const LIST_EVERY_MS = 2_000_000_000;' },
    ],
  },
  {
    name: 'what was seen of a process is held against the next one',
    edits: [
      {
        file: 'policy/facts/processes.ts',
        from: 'if (present.length === 0) return turn;',
        to: 'if (present.length === 0 || turn.state.checks.since !== null) return turn;',
      },
    ],
  },
  {
    name: 'many at once are restarted all at once',
    edits: [
      {
        file: 'policy/together/shared-cause.ts',
        from: 'return count >= MIN_TOGETHER && 2 * count > watched;',
        to: 'return count >= MIN_TOGETHER && 2 * count > watched + 1e3;',
      },
    ],
  },
  {
    name: "an operator's stop is undone",
    edits: [
      {
        file: 'policy/facts/processes.ts',
        from: "if (child === undefined || child.plan.is === 'left') return turn;",
        to: "if (child === undefined || child.plan.is !== 'left') return turn;",
      },
      {
        file: 'policy/facts/processes.ts',
        from: "if (phase !== 'stopped' || (operation?.asked && operation.target.pmId === pmId)) return false;",
        to: "if (phase !== 'errored' || (operation?.asked && operation.target.pmId === pmId)) return false;",
      },
    ],
  },
];
