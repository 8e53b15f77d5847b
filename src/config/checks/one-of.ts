import { z } from 'zod';
import { nearest } from '../mistakes/nearest.ts';

type AnySection = z.ZodObject;
type Sections = readonly [AnySection, ...AnySection[]];

/**
 * A text, or one of several sections that are told apart by the first key of each, which it must have. Unlike a union of zod's, a mistake
 * in a section is told where it is, and as that section's.
 */
export function textOrSection<Text, All extends Sections>(
  text: z.ZodType<Text, string>,
  sections: All,
): z.ZodType<Text | z.output<All[number]>, string | z.input<All[number]>> {
  const keys = sections.map(keyOf);
  const schema = z.unknown().transform((input, context) => {
    const section = isMap(input) ? sections.find((_section, at) => Object.hasOwn(input, keys[at] ?? '')) : undefined;
    if (isMap(input) && section === undefined) {
      const near = Object.keys(input).flatMap((key) => nearest(key, keys) ?? [])[0];
      const hint = near === undefined ? null : `Did you mean ${near}?`;
      context.addIssue({
        code: 'custom',
        message: `a text, or keys of its own with one of ${keys.join(', ')}`,
        params: { hint },
      });
      return z.NEVER;
    }
    const result = (section ?? text).safeParse(input);
    for (const issue of result.error?.issues ?? []) context.issues.push({ ...issue } as z.core.$ZodRawIssue);
    return result.success ? result.data : z.NEVER;
  });
  const anyOf = [text, ...sections].map(jsonOf);
  return schema.meta({ anyOf }) as unknown as z.ZodType<Text | z.output<All[number]>, string | z.input<All[number]>>;
}

function keyOf({ shape }: AnySection): string {
  return Object.keys(shape)[0] ?? '';
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonOf(schema: z.ZodType): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-07' });
  return json;
}
