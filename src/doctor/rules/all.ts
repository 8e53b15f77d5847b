import type { Rule } from '../rule.ts';
import { AROUND_RULES } from './around.ts';
import { BACKEND_RULES } from './backends.ts';
import { CONFIGURATION_RULES } from './configuration.ts';

/** The one table: what doctor looks for, and what docs/troubleshooting.md tells of. */
export const RULES: readonly Rule[] = [...BACKEND_RULES, ...CONFIGURATION_RULES, ...AROUND_RULES];
