import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What a parser of Apple's format makes of a property list: Python's, which knows its elements alone. */
export function parsedPlist(text: string): Record<string, unknown> {
  const program = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read(), fmt=plistlib.FMT_XML)))';
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { input: text, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}
