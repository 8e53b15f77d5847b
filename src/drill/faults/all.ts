import type { Fault } from '../fault.ts';
import { CRASH_LOOP } from './crash-loop.ts';
import { DEPENDENCY_DOWN } from './dependency-down.ts';
import { DISK_FULL } from './disk-full.ts';
import { MEMORY } from './memory.ts';
import { NOT_READY } from './not-ready.ts';
import { PORT_TAKEN } from './port-taken.ts';
import { STRUCK } from './struck.ts';

/** In the order of `drill --all`. */
export const FAULTS: readonly Fault[] = [...STRUCK, NOT_READY, DEPENDENCY_DOWN, CRASH_LOOP, PORT_TAKEN, MEMORY, DISK_FULL];
