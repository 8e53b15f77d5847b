const OTHER_SCREEN = '\u001b[?1049h\u001b[?25l';
const BACK = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

/** q, and Ctrl-C, which a terminal in raw mode hands on. */
const ENDING = new Set(['q', 'Q', '\u0003']);

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>;
type Keys = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

/**
 * Shows a text on the terminal's other screen, drawn over itself line by line so that nothing flickers, until somebody presses q.
 * @param draw what is to be seen now, for a terminal so wide; lines that do not fit below are left out
 * @param interrupted resolves at Ctrl-C from elsewhere
 */
export async function watchScreen(
  draw: (columns: number) => Promise<string>,
  { everyMs, terminal, keys, interrupted }: { everyMs: number; terminal: Terminal; keys: Keys; interrupted: Promise<unknown> },
): Promise<void> {
  let text = '';
  const paint = () => terminal.write(frame(text, terminal.rows));
  const pressed = new Promise<void>((resolve) => {
    keys.on('data', (data: Buffer) => {
      if (ENDING.has(data.toString()[0] ?? '')) resolve();
    });
  });
  let over = false;
  const ended = Promise.race([pressed, interrupted]).then(() => {
    over = true;
  });
  terminal.write(OTHER_SCREEN);
  terminal.on('resize', paint);
  keys.setRawMode(true);
  keys.resume();
  try {
    while (!over) {
      text = await draw(terminal.columns);
      paint();
      await Promise.race([ended, waited(everyMs)]);
    }
  } finally {
    keys.setRawMode(false);
    keys.pause();
    terminal.off('resize', paint);
    terminal.write(BACK);
  }
}

/** Every line is written over the one before, so that the terminal never shows an empty screen. */
export function frame(text: string, rows: number): string {
  const lines = text.split('\n').slice(0, Math.max(1, rows - 1));
  return `${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join('\r\n')}${REST_OF_LINE}\r\n${REST_OF_SCREEN}`;
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
