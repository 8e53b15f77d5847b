type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

const FROM_THE_START = '\r\u001b[K';

/** A line that is written over itself, no wider than the terminal. Where there is none nothing is written. '' takes it away. */
export function liveLine(terminal: Terminal): (text: string) => void {
  let shown = '';
  return (text) => {
    const line = text.slice(0, Math.max(0, terminal.columns - 1));
    if (!terminal.isTTY || line === shown) return;
    terminal.write(`${FROM_THE_START}${line}`);
    shown = line;
  };
}
