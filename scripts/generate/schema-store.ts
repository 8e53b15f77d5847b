import { editorSchema } from '../../src/config/schema/json-schema.ts';

const URL_THERE = 'https://www.schemastore.org/pm2-lifeguard.json';

/** The schema as SchemaStore keeps it, in its `src/schemas/json/`: the address comes second, after the draft. */
export function storedSchema(): object {
  const { $schema, ...rest } = editorSchema() as { $schema: string };
  return { $schema, $id: URL_THERE, ...rest };
}

/**
 * Its line of SchemaStore's `src/api/json/catalog.json`. `backend.yaml` alone is too common a name for a pattern there: a file says
 * itself whose it is, by its first line, or by this ending.
 */
export function catalogEntry(): object {
  return {
    name: 'pm2-lifeguard',
    description: 'Backends that pm2-lifeguard keeps alive under PM2: what runs, how its health is checked, how it restarts',
    fileMatch: ['*.lifeguard.yaml', '*.lifeguard.yml'],
    url: URL_THERE,
  };
}
