/** What a health body may say of a part that is well; anything else is taken as down. `warn` still works. */
const WELL: readonly unknown[] = [
  true,
  'healthy',
  'up',
  'ok',
  'pass',
  'warn',
  'connected',
  'available',
  'online',
  'running',
  'ready',
];

/**
 * Whether a health body names this field as the trouble. False too if it does not name it at all.
 * @param body parsed JSON: nested objects as in the guide (`services.database: 'healthy'`), or application/health+json
 *   (`checks: { "database:responseTime": [{ status: 'fail' }] }`)
 * @param field dotted path, such as `services.database`
 */
export function namedDown(body: unknown, field: string): boolean {
  const named = at(body, field.split('.'));
  const found = named === undefined ? inChecks(body, field) : named;
  return found !== undefined && !isWell(found);
}

/** Nested deeper than any health body is: what somebody sends to make a reader run out of stack is taken as down. */
const MAX_DEPTH = 16;

function isWell(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH) return false;
  if (typeof value === 'string') return WELL.includes(value.toLowerCase());
  if (Array.isArray(value)) return value.every((part) => isWell(part, depth + 1));
  if (isRecord(value)) return 'status' in value ? isWell(value.status, depth + 1) : !('error' in value);
  return WELL.includes(value);
}

/** application/health+json: the key is `component:measurement`, or the component alone. */
function inChecks(body: unknown, field: string): unknown {
  const checks = isRecord(body) ? body.checks : undefined;
  if (!isRecord(checks)) return undefined;
  const component = field.split('.').at(-1);
  const keys = Object.keys(checks).filter((key) => key === field || key === component || key.split(':')[0] === component);
  return keys.length > 0 ? keys.map((key) => checks[key]) : undefined;
}

function at(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (!isRecord(here) || !Object.hasOwn(here, key)) return undefined;
    here = here[key];
  }
  return here;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
