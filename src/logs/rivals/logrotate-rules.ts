import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian, Red Hat and Homebrew keep them. */
export const LOGROTATE_PLACES = [
  '/etc/logrotate.conf',
  '/etc/logrotate.d',
  '/usr/local/etc/logrotate.d',
  '/opt/homebrew/etc/logrotate.d',
];

/** One pattern of a rule: a path, or one with `*`, `?`, `[…]` as glob(7) has them. */
export interface LogrotateRule {
  readonly file: string;
  readonly pattern: string;
}

/** All rules in these files and folders; what may not be read has none. */
export function logrotateRules(places: readonly string[]): LogrotateRule[] {
  return places.flatMap(filesIn).flatMap((file) => {
    try {
      return patternsOf(readFileSync(file, 'utf8')).map((pattern) => ({ file, pattern }));
    } catch {
      return [];
    }
  });
}

/** What would have to change for the rules to be others; cheap to ask. */
export function logrotateStamp(places: readonly string[]): string {
  return places
    .flatMap((place) => [place, ...filesIn(place)])
    .map((path) => `${path} ${statSync(path, { throwIfNoEntry: false })?.mtimeMs}`)
    .join('\n');
}

/** The absolute patterns in front of each `{ … }` of a logrotate configuration; its scripts may hold braces of their own. */
export function patternsOf(text: string): string[] {
  const found: string[] = [];
  let within: 'nothing' | 'rule' | 'script' = 'nothing';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('#')) continue;
    if (within === 'script') within = line === 'endscript' ? 'rule' : 'script';
    else if (within === 'rule') within = line.startsWith('}') ? 'nothing' : SCRIPT.test(line) ? 'script' : 'rule';
    else {
      const [head = '', rest] = line.split('{', 2);
      found.push(...[...head.matchAll(/"(\/[^"]*)"|'(\/[^']*)'|(?:^|\s)(\/\S*)/g)].map(([, a, b, c]) => a ?? b ?? c ?? ''));
      if (rest !== undefined && !rest.includes('}')) within = 'rule';
    }
  }
  return found;
}

/** What a path that matches the pattern begins with. */
export function beginningOf(pattern: string): string {
  return /^[^*?[\\]*/.exec(pattern)?.[0] ?? '';
}

const SCRIPT = /^(pre|post|first|last)(rotate|action)\b|^preremove\b/;

function filesIn(place: string): string[] {
  try {
    if (!statSync(place).isDirectory()) return [place];
    return readdirSync(place).map((name) => join(place, name));
  } catch {
    return [];
  }
}
