import { type Located, nodeAt, type Origin, type Path, toPlain } from './reading/located.ts';
import { configJsonSchema, type JsonSchema, schemaAt } from './schema/json-schema.ts';

/** Where secrets were written out, in order. A variable that stands for one is none. */
export function writtenSecrets(root: Located): Origin[] {
  const schema = configJsonSchema();
  const found: Origin[] = [];
  const visit = (node: Located, path: Path): void => {
    if (node.kind === 'list') for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    else if (node.kind === 'map') for (const [key, entry] of node.entries) visit(entry.node, [...path, key]);
    else if (!node.interpolated && node.value !== null && isSecret(root, schema, path)) found.push(node.origin);
  };
  visit(root, []);
  return found;
}

/** A secret by the schema, at the path or anywhere above it. */
export function isSecret(root: Located, schema: JsonSchema, path: Path): boolean {
  return path.some((_step, index) => {
    const found = subschema(schema, root, path.slice(0, index + 1));
    return found?.writeOnly === true || (found?.anyOf ?? []).some((option) => option.writeOnly === true);
  });
}

/** The schema of what stands at a path; which of several alternatives it is, its keys say. */
export function subschema(schema: JsonSchema, root: Located, path: Path): JsonSchema | undefined {
  return schemaAt(schema, path, (at) => {
    const node = nodeAt(root, at);
    return node?.kind === 'map' ? toPlain(node) : undefined;
  });
}
