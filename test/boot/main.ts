// npm run test:boot: real boots under a real systemd; first the tree that they share is made, and one boot tried.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/sandbox.ts';
import { whyNotAble } from './able.ts';

/** EX_UNAVAILABLE: this machine cannot, and nothing was shown. */
const NOT_ABLE = 69;

const env = { ...process.env, TEST_AS_BUILT: '1' };

const why = await whyNotAble();
if (why === null) {
  process.exitCode =
    spawnSync(process.execPath, [join(ROOT, 'scripts/test.js'), 'test/boot/boots.ts'], { stdio: 'inherit', env }).status ?? 1;
} else {
  console.error(`SKIPPED: this machine cannot boot another one under systemd, so nothing of boots is shown: ${why}`);
  process.exitCode = NOT_ABLE;
}
