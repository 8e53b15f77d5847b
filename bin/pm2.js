#!/usr/bin/env node
// pm2, from this package: PM2's own command line, which also reads ecosystem.config.ts.
import { existsSync } from 'node:fs';

const built = new URL('../dist/src/pm2/teach.js', import.meta.url);
const teach = existsSync(built)
  ? await import(built.href)
  : await (await import('tsx/esm/api')).tsImport('../src/pm2/teach.ts', import.meta.url);
await teach.pm2(process.argv.slice(2));
