// A preload (node --import file://…/env-file.js?FILE) for workers of a cluster: sets the variables of FILE, whatever the environment
// has of them. Workers inherit that of PM2's daemon, in which a secret may stand as it was on the day the daemon was started; what
// is declared for the app PM2 lays over it afterwards.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
try {
  Object.assign(process.env, parseEnv(readFileSync(file, 'utf8')));
} catch (error) {
  console.error(`error: the env_file cannot be read: ${error.message}`);
  process.exit(78); // EX_CONFIG
}
