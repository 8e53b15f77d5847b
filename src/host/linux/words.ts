import { readFileSync } from 'node:fs';

/** See Host.argumentsOf. A kernel thread, or a program that wiped its own, has a name alone. */
export function argumentsOf(pid: number): string[] | null {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
    return args.join('') === '' ? [`[${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}]`] : args;
  } catch {
    return null;
  }
}

/** See Host.environmentOf. */
export function environmentOf(pid: number): Map<string, string> | null {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
  } catch {
    return null;
  }
}
