// npm run docs: puts the configuration reference between its markers in README.md and docs/configuration.md, and writes docs/troubleshooting.md.
import { writeFileSync } from 'node:fs';
import { docsFiles } from './generate/files.ts';

for (const { file, content } of docsFiles()) writeFileSync(file, content);
