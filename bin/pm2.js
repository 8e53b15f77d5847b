#!/usr/bin/env node
// pm2, from this package: PM2's own command line, which also reads ecosystem.config.ts.
import { load } from './load.js';

const teach = await load('src/pm2/command-line/teach.ts');
await teach.pm2(process.argv.slice(2));
