#!/usr/bin/env node
// lifeguard, the command.
import { load } from './load.js';

const cli = await load('src/cli/main.ts');
await cli.lifeguard(process.argv.slice(2));
