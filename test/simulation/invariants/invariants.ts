import { journalled } from './journalled.ts';
import { limit } from './limit.ts';
import { met } from './met.ts';
import { observed } from './observed.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { oneFirst } from './one-first.ts';
import { quiet } from './quiet.ts';
import { recovers } from './recovers.ts';
import type { Invariant } from './scene.ts';
import { unharmed } from './unharmed.ts';
import { untouched } from './untouched.ts';

/** What must hold in every world, at every step. */
export const INVARIANTS: readonly Invariant[] = [
  limit,
  untouched,
  oneAtATime,
  met,
  recovers,
  observed,
  oneFirst,
  journalled,
  unharmed,
  quiet,
];
