#!/usr/bin/env node
// pm2, from this package: PM2's own command line, which also reads ecosystem.config.ts.
import { pathToFileURL } from 'node:url';
import { built } from './built.cjs';

const SOURCE = 'src/pm2/teach.ts';
const file = built(SOURCE);
const teach = file
  ? await import(pathToFileURL(file).href)
  : await (await import('tsx/esm/api')).tsImport(`../${SOURCE}`, import.meta.url);
await teach.pm2(process.argv.slice(2));
