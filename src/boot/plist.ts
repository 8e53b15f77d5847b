/** What a property list can hold, of what launchd asks for. */
export type PlistValue = string | number | boolean | readonly PlistValue[] | { readonly [key: string]: PlistValue };

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`;

/** A property list as XML, as plist(5) has it. @param comment one line, said first */
export function plist(comment: string, value: PlistValue): string {
  return `${HEAD}\n<!-- ${comment.replaceAll('--', '- -')} -->\n<plist version="1.0">\n${lines(value).join('\n')}\n</plist>\n`;
}

function lines(value: PlistValue): string[] {
  if (typeof value === 'string') return [`<string>${escaped(value)}</string>`];
  if (typeof value === 'boolean') return [value ? '<true/>' : '<false/>'];
  if (typeof value === 'number') return [`<integer>${Math.round(value)}</integer>`];
  if (isList(value)) return ['<array>', ...value.flatMap(lines).map(indented), '</array>'];
  const pairs = Object.entries(value).flatMap(([key, of]) => [`<key>${escaped(key)}</key>`, ...lines(of)]);
  return ['<dict>', ...pairs.map(indented), '</dict>'];
}

function isList(value: PlistValue): value is readonly PlistValue[] {
  return Array.isArray(value);
}

function indented(line: string): string {
  return `  ${line}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
