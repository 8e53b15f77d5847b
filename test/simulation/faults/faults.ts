import { ANSWERS } from './answers.ts';
import { CRASHES } from './crashes.ts';
import type { FaultSort } from './fault.ts';
import { OPERATORS } from './operators.ts';
import { SURROUNDINGS } from './surroundings.ts';

const ALL = { ...CRASHES, ...ANSWERS, ...OPERATORS, ...SURROUNDINGS };

export type FaultKind = keyof typeof ALL;

/** All that goes wrong in a world, by name. */
export const FAULTS: Readonly<Record<FaultKind, FaultSort>> = ALL;
