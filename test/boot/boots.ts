// All machines side by side, as each waits more than it works; in one process, as one for each file would work for two seconds before its machine does.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { ROOT } from '../support/sandbox.ts';

const folder = join(ROOT, 'test/boot');
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));

describe('boots', { timeout: 900_000, concurrency: true }, async () => {
  for (const name of files) await import(join(folder, name));
});
