/** A line of such a file, under its section. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** What supervisord and systemd write: `[section]`, `key = value`, comments from `;` or `#`. A key may be there several times. */
export function readIni(text: string): IniEntry[] {
  const entries: IniEntry[] = [];
  let section = '';
  for (const line of joined(text)) {
    const [, title] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (title !== undefined) section = title.trim();
    else if (key !== undefined) entries.push({ section, key, value: value ?? '' });
  }
  return entries;
}

/** A line goes on where it ends with a backslash, or the next one is indented. */
function joined(text: string): string[] {
  const lines: string[] = [];
  let goesOn = false;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\s+$/, '');
    if (/^\s*([;#]|$)/.test(line)) {
      goesOn = false;
      continue;
    }
    const isMore = goesOn || /^\s/.test(line);
    goesOn = line.endsWith('\\');
    const bare = (goesOn ? line.slice(0, -1) : line).trim();
    if (isMore && lines.length > 0) lines.push(`${lines.pop()} ${bare}`);
    else lines.push(bare);
  }
  return lines;
}
