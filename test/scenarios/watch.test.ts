import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { PYTHON } from '../support/fastapi.ts';
import { Product } from '../support/product.ts';
import { ROOT } from '../support/sandbox.ts';

/** Runs a command on a terminal of its own, 24 lines of 80 columns; types q when it has seen the state again and again, and tells its end. */
const ON_A_TERMINAL = `
import fcntl, os, pty, re, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'xterm'
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
seen, typed, end = b'', False, time.time() + 60
while time.time() < end:
    ready, _, _ = select.select([fd], [], [], 0.2)
    if ready:
        try: piece = os.read(fd, 65536)
        except OSError: break
        if not piece: break
        seen += piece
    if not typed and len(re.findall(rb'q ends it', seen)) >= 3:
        os.write(fd, b'q')
        typed = True
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
`;

suite('lifeguard status --watch', () => {
  const product = new Product();
  before(async () => {
    await product.victim('api');
    await product.start();
  });
  after(() => product.dispose());
  const watch = () =>
    product.sandbox.run(PYTHON, ['-c', ON_A_TERMINAL, process.execPath, join(ROOT, 'bin/lifeguard.js'), 'status', '--watch'], {
      deadlineMs: 90_000,
    });

  test('is drawn over itself on another screen, until q; its exit status is that of the last look', async () => {
    const { code, stdout } = await watch();
    assert.equal(code, 0, stdout);
    assert.ok(stdout.startsWith('\u001b[?1049h\u001b[?25l'));
    assert.ok(stdout.trimEnd().endsWith('\u001b[?25h\u001b[?1049l'), 'the terminal is as it was');
    assert.ok(stdout.split('\u001b[H').length > 3);
    assert.match(stdout, /healthy/);
    assert.ok(!stdout.includes('\u001b[2J'), 'it is never cleared');
  });

  test('a backend that is down', async () => {
    await product.sandbox.pm2('stop', 'api');
    const { code, stdout } = await watch();
    assert.equal(code, 2, stdout);
    assert.match(stdout, /stopped/);
  });

  test('without a terminal it is refused', async () => {
    const { code, stderr } = await product.sandbox.lifeguard('status', '--watch');
    assert.equal(code, 64);
    assert.match(stderr, /--watch needs a terminal/);
  });
});
