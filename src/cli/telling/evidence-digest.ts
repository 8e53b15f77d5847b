import type { EvidenceFolder } from '../../incidents/evidence/read.ts';
import type { Evidence } from '../../incidents/evidence/write.ts';

import type { Context } from '../context.ts';
import { amount } from './amount.ts';
import { type Cell, table } from './output.ts';
import { wrapped } from './wrap.ts';

const PROCESSES = 5;
const LAST_CHECKS = 8;

/** What a folder of evidence holds, so that one need not open it for the first look. */
export function evidenceDigest({ folder, files, evidence }: EvidenceFolder, look: Pick<Context, 'paint' | 'columns'>): string {
  const { paint, columns } = look;
  const told = evidence === null ? [] : digest(evidence, look);
  const more = files.filter((file) => file !== 'evidence.json' || evidence === null);
  return [
    `${paint('bold', 'Evidence')} ${evidence?.reason.code ?? ''}`.trimEnd(),
    ...told.map((line) => wrapped(line, columns, 4)),
    `  in ${folder}`,
    wrapped(`    ${more.join(', ')}`, columns, 4),
  ].join('\n');
}

function digest(
  { checks, exit, processes, acceptQueues, machine }: Evidence,
  look: Pick<Context, 'paint' | 'columns'>,
): string[] {
  const last = checks.slice(-LAST_CHECKS).map(({ liveness, readiness }) => [liveness, readiness].filter(Boolean).join('/'));
  const waiting = acceptQueues.reduce((sum, { connections }) => sum + connections, 0);
  return [
    ...(exit === null ? [] : [`  it ended: ${exitText(exit)}`]),
    ...(last.length === 0 ? [] : [`  checks: ${last.join(' ')}`]),
    ...(waiting === 0 ? [] : [`  ${waiting} ${waiting === 1 ? 'connection waits' : 'connections wait'} to be accepted`]),
    ...processTable(processes, look),
    ...(machine === null ? [] : [`  machine: ${machineText(machine)}`]),
  ];
}

function exitText({ code, signal, oom, lastError }: NonNullable<Evidence['exit']>): string {
  const how = oom ? 'killed by the OOM killer' : signal === null ? `exit code ${code ?? 'not known'}` : `killed by ${signal}`;
  return lastError === null ? how : `${how}: ${lastError}`;
}

function processTable(processes: Evidence['processes'], { paint, columns }: Pick<Context, 'paint' | 'columns'>): string[] {
  if (processes.length === 0) return [];
  const rows = processes
    .slice(0, PROCESSES)
    .map(({ pid, state, cpuPercent, rssBytes, threads, openFiles, sockets, command }): Cell[] => [
      { text: String(pid) },
      { text: state },
      { text: cpuPercent === null ? '' : `${cpuPercent} %` },
      { text: rssBytes === null ? '' : amount(rssBytes) },
      { text: String(threads) },
      { text: openFiles === null ? '' : String(openFiles) },
      { text: sockets === null ? '' : String(sockets) },
      { text: command.slice(0, 40) },
    ]);
  const heading = ['pid', 'state', 'cpu', 'memory', 'threads', 'files', 'sockets', 'command'];
  const room = { columns: columns === null ? null : columns - 2, spare: ['command', 'sockets', 'files'] };
  const more = processes.length > PROCESSES ? [`  and ${processes.length - PROCESSES} more`] : [];
  return [...table(heading, rows, paint, room).map((line) => `  ${line}`), ...more];
}

function machineText({ load, freeMemoryBytes, memoryBytes, freeDiskBytes }: NonNullable<Evidence['machine']>): string {
  const disk = freeDiskBytes === null ? '' : `, ${amount(freeDiskBytes)} of disk free`;
  return `load ${load[0] ?? '?'}, ${amount(freeMemoryBytes)} of ${amount(memoryBytes)} memory free${disk}`;
}
