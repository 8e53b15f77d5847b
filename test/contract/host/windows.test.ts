import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, Sandbox } from '../../support/sandbox.ts';

const AS_WINDOWS = `data:text/javascript,Object.defineProperty(process,'platform',{value:'win32'})`;
const LINE = 'pm2-lifeguard does not run on Windows itself: run it, PM2 and your backends in WSL 2\n';

test('on Windows one clear line at the start, whatever it is started by, and nothing else is done', async () => {
  const sandbox = new Sandbox();
  after(() => sandbox.dispose());
  writeFileSync(join(sandbox.dir, 'ecosystem.config.ts'), 'this is not even looked at');
  const node = (...args: string[]) => sandbox.run(process.execPath, ['--import', AS_WINDOWS, ...args]);
  for (const args of [['start'], ['status']]) {
    const { code, stdout, stderr } = await node(join(ROOT, 'bin/lifeguard.js'), ...args);
    assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: '', stderr: `error: ${LINE}` });
  }
  const { code, stdout, stderr } = await node(join(ROOT, 'bin/pm2.js'), 'start', 'ecosystem.config.ts');
  assert.deepEqual({ code, stdout, stderr }, { code: 1, stdout: '', stderr: LINE });
});
