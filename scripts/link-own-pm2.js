// In this repository `npx pm2` is the pm2 that reads ecosystem.config.ts. It is no program of the published package: beside a global
// PM2 the two would be in each other's way.
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const link = fileURLToPath(new URL('../node_modules/.bin/pm2', import.meta.url));
if (process.platform !== 'win32' && existsSync(link)) {
  rmSync(link);
  symlinkSync('../../bin/pm2.js', link);
}
