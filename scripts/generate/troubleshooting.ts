import { GROUPS } from '../../src/doctor/finding.ts';
import type { Rule } from '../../src/doctor/rule.ts';

/** The guide's own entries, and which of the pages each leads to. */
const GUIDE: readonly (readonly [entry: string, ids: readonly string[]])[] = [
  ["Backend won't start", ['cannot-start', 'port-taken', 'config-invalid', 'dependency-down', 'not-running']],
  ['Backend keeps crashing', ['crash-loop', 'oom-killed', 'disk-full', 'restarts-often']],
  ['Health check fails', ['health-fails', 'dependency-down', 'health-misdirected', 'health-touches-nothing']],
];

/** With the reference backend's database stopped, as it is written into a file. */
const PICTURE = `\`\`\`text
$ npx pm2 stop database; npx lifeguard doctor
error    mediaposter-backend: it needs database, which does not answer (dependency-down)
         connect ECONNREFUSED 127.0.0.1:15432
         A restart of the backend cannot help, so lifeguard holds it, and puts it right within 1 s of the dependency being back.
         type: npx pm2 restart database

1 error. docs/troubleshooting.md has a page for each: #dependency-down
\`\`\``;

/** docs/troubleshooting.md, from the table that `lifeguard doctor` goes by. */
export function troubleshootingPage(rules: readonly Rule[]): string {
  const headings = GROUPS.flatMap((group) => {
    const own = rules.filter((rule) => rule.group === group);
    return own.length === 0 ? [] : [`## ${group.charAt(0).toUpperCase()}${group.slice(1)}`, ...own.map(section)];
  });
  return `${[
    '# Troubleshooting',
    '`npx lifeguard doctor` looks for all of this, and says what it saw and what to type. It changes nothing; `--fix` makes the changes that are safe, each one asked for. `--verbose` also tells what is fine, `--strict` counts warnings, `--json` is for scripts. This page is generated from the table that it goes by.',
    PICTURE,
    [
      '| what people say | look at |',
      '| --- | --- |',
      ...GUIDE.map(([entry, ids]) => `| ${entry} | ${ids.map((id) => `[${id}](#${id})`).join(', ')} |`),
    ].join('\n'),
    ...headings,
  ].join('\n\n')}\n`;
}

function section({ id, title, severity, why, cure, example }: Rule): string {
  const typed = example === null ? '' : `\n\n\`\`\`sh\n${example}\n\`\`\``;
  return `### ${id}\n\n**${title}** (${severity}). ${why}\n\n${cure}${typed}`;
}
