// npm run schema: writes what comes from the zod schema, backend.schema.json for editors and the input types for TypeScript.
import { writeFileSync } from 'node:fs';
import { schemaFiles } from './generate/files.ts';

for (const { file, content } of schemaFiles()) writeFileSync(file, content);
