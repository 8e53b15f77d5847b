import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { defineCommand } from '../../define-command.ts';
import { EXIT } from '../../exit-status.ts';

/** backend.schema.json, for editors. */
export function addSchema(program: Command, context: Context): void {
  defineCommand(
    program,
    'schema',
    'the JSON schema of backend.yaml',
    'Prints the JSON schema of backend.yaml, for editors and other tools:\n  # yaml-language-server: $schema=./node_modules/pm2-lifeguard/backend.schema.json',
  ).action(async () => {
    const { editorSchema } = await import('../../../config/schema/json-schema.ts');
    context.print(JSON.stringify(editorSchema(), null, 2));
    context.finish(EXIT.well);
  });
}
