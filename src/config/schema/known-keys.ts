import type { JsonSchema } from './json-schema.ts';

/** What people write who know PM2's ecosystem files, and what it is called here. */
export const PM2_KEYS: Readonly<Record<string, string>> = {
  apps: 'The list is called backends here.',
  max_memory_restart: 'It is restart.max_memory here, and counts the whole process tree.',
  min_uptime: 'There is none: restart.max_restarts holds for every restart within restart.within.',
  restart_delay: 'It is restart.backoff here.',
  exp_backoff_restart_delay: 'It is restart.backoff here.',
  autorestart: 'A crash is always restarted; restart.on says for what else.',
  exec_mode: 'run.instances above 1 is cluster mode.',
  watch: 'Watching files is for development: run the script with node --watch.',
  out_file: 'Log files are named for the backend, in logs.directory.',
  error_file: 'Log files are named for the backend, in logs.directory.',
  log_file: 'Log files are named for the backend, in logs.directory.',
  node_args: 'Give run.command with node and its flags: node --flag server.js.',
  interpreter_args: 'Give run.command with the interpreter and its flags.',
  health_check: 'It is health here.',
  environment: 'It is run.env here.',
};

/** Where a key that stands in the wrong place belongs, as a hint; null when no part of the configuration has it. */
export function placeOfKey(root: JsonSchema, key: string): string | null {
  const places = parents(root, key, '');
  return places.length > 0
    ? `It belongs ${places.map((place) => (place === '' ? 'at the top' : `in ${place}`)).join(' or ')}.`
    : null;
}

function parents(schema: JsonSchema, key: string, path: string): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const inner = child.items?.properties ? child.items : child;
    return parents(
      inner,
      key,
      path === '' || path === 'backends'
        ? name === 'backends'
          ? 'a backend'
          : name
        : path === 'a backend'
          ? name
          : `${path}.${name}`,
    );
  });
  return schema.properties && Object.hasOwn(schema.properties, key) ? [path, ...below] : below;
}
