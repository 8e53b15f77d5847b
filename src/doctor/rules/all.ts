import type { Rule } from '../rule.ts';
import { BACKEND_RULES } from './backends.ts';
import { BOOT_RULES } from './boot.ts';
import { CONFIGURATION_RULES } from './configuration.ts';
import { LOG_RULES } from './logs.ts';
import { MACHINE_RULES } from './machine.ts';
import { PM2_RULES } from './pm2.ts';
import { RESOURCE_RULES } from './resources.ts';

/** The one table: what doctor looks for, and what docs/troubleshooting.md tells of. */
export const RULES: readonly Rule[] = [
  ...BACKEND_RULES,
  ...RESOURCE_RULES,
  ...CONFIGURATION_RULES,
  ...PM2_RULES,
  ...LOG_RULES,
  ...BOOT_RULES,
  ...MACHINE_RULES,
];
