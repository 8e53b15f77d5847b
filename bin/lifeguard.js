#!/usr/bin/env node
// lifeguard, the command. Built JS when there is some, else the sources through tsx.
import { existsSync } from 'node:fs';

const built = new URL('../dist/src/cli/main.js', import.meta.url);
const cli = existsSync(built)
  ? await import(built.href)
  : await (await import('tsx/esm/api')).tsImport('../src/cli/main.ts', import.meta.url);
await cli.lifeguard(process.argv.slice(2));
