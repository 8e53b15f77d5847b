import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** How the search for one deliberate fault went. */
export interface Hunt {
  readonly mutant: Mutant;
  /** Whether an invariant was broken. */
  readonly isFound: boolean;
  /** The last lines that the simulation printed. */
  readonly said: string;
}

/** Plays worlds with one deliberate fault in the code until it is found, or for so many backend-hours. In a copy, in a process of its own. */
export async function hunt(mutant: Mutant, options: { readonly hours: number; readonly seed: number }): Promise<Hunt> {
  // Beside the code itself, so that its dependencies are found.
  const copy = mkdtempSync(join(ROOT, 'node_modules', '.mutant-'));
  try {
    for (const part of ['src', 'bin', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    for (const { file, from, to } of mutant.edits) edit(join(copy, 'src', file), from, to);
    const { status, said } = await simulate(copy, options);
    // Some faults make the code eat all memory: then Node ends itself by a signal.
    if (status === null) return { mutant, isFound: true, said: `  it ended the simulation:\n${said}` };
    if (!said.includes('backend-hours')) throw new Error(`${mutant.name}: the simulation did not run (${status}): ${said}`);
    return { mutant, isFound: status === 1 && said.includes('BROKEN'), said };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** @throws Error if the text does not stand there exactly once */
export function edited(text: string, { from, to }: { readonly from: string; readonly to: string }): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} places instead of one: ${from}`);
  return parts.join(to);
}

function edit(path: string, from: string, to: string): void {
  writeFileSync(path, edited(readFileSync(path, 'utf8'), { from, to }));
}

function simulate(cwd: string, { hours, seed }: { readonly hours: number; readonly seed: number }) {
  return new Promise<{ status: number | null; said: string }>((resolve, reject) => {
    const args = ['--import', 'tsx', 'test/simulation/main.ts', '--hours', String(hours), '--seed', String(seed), '--lines', '1'];
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const keep = (chunk: Buffer): void => {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      lines.splice(0, lines.length - 4);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, said: lines.join('\n') }));
  });
}
