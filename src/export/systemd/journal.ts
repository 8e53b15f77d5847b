import type { ExportFile } from '../plan.ts';
import type { Subject } from '../subject.ts';
import { systemdTime, type UnitLine, unitFile } from './unit-file.ts';

const DAY_MS = 86_400_000;

/** For [Service]: a journal of its own, so that its size and age are its own too. */
export function journaled({ backend: { name } }: Subject): readonly UnitLine[] {
  return [
    ['StandardOutput', 'journal'],
    ['StandardError', 'journal'],
    ['SyslogIdentifier', name],
    ['LogNamespace', name],
  ];
}

/** That journal's settings, for /etc/systemd: the backend's `logs`. No line is dropped for coming too fast. */
export function journalFile({ backend: { name, logs } }: Subject): ExportFile {
  const lines: UnitLine[] = [
    ['Storage', 'persistent'],
    ['Compress', logs.compress ? 'yes' : 'no'],
    ['SystemMaxFileSize', logs.maxSizeBytes],
    ['MaxFileSec', systemdTime(DAY_MS)],
    ['MaxRetentionSec', systemdTime(logs.retainMs)],
    ...(logs.maxTotalBytes === null ? [] : [['SystemMaxUse', logs.maxTotalBytes] as const]),
    ['RateLimitIntervalSec', 0],
  ];
  const header = [`The journal of ${name}: journalctl --namespace=${name}`];
  if (logs.maxTotalBytes === null) header.push('logs.max_total null: journald keeps to a tenth of the disk, 4 GB at most.');
  return { path: `journald@${name}.conf`, text: unitFile(header, [{ name: 'Journal', lines }]) };
}
