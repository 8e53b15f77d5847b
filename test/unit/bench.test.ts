import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BENCHES, type Bench } from '../../bench/benches.ts';
import { main, overview } from '../../bench/main.ts';
import { withSection } from '../../bench/report/section.ts';
import { markdownTable } from '../../bench/report/table.ts';

async function bench(...args: string[]): Promise<{ status: number; text: string }> {
  let text = '';
  const status = await main(args, (line) => {
    text += `${line}\n`;
  });
  return { status, text };
}

test('the overview names every bench with its summary', async () => {
  const { status, text } = await bench('--help');
  assert.equal(status, 0);
  for (const [name, { summary }] of Object.entries(BENCHES)) assert.match(text, new RegExp(`^ {2}${name} +${summary}$`, 'm'));
});

test('no name, or one that there is not: the overview, and exit status 64', async () => {
  assert.equal((await bench()).status, 64);
  const { status, text } = await bench('toString');
  assert.equal(status, 64);
  assert.ok(text.includes('no bench is called toString') && text.includes(overview()));
});

test('every bench of the table loads and has its own help', async () => {
  for (const name of Object.keys(BENCHES)) {
    const { status, text } = await bench(name, '--help');
    assert.equal(status, 0);
    assert.match(text, new RegExp(`^Usage: npm run bench -- ${name}`));
  }
});

test('a bench gets the arguments after its name, and its exit status is what main returns', async () => {
  const seen: string[] = [];
  const stub: Bench = {
    summary: 'a stub',
    load: async () => ({
      HELP: '',
      run: async (args) => {
        seen.push(...args);
        return 3;
      },
    }),
  };
  assert.equal(await main(['stub', '--rounds', '2'], () => {}, { stub }), 3);
  assert.deepEqual(seen, ['--rounds', '2']);
});

test('a section of the document is replaced between its markers and leaves the rest alone', () => {
  const before = '# Benchmarks\n\n<!-- a -->\nold\n<!-- /a -->\n\nAfter.\n';
  assert.equal(withSection(before, 'a', 'new'), '# Benchmarks\n\n<!-- a -->\nnew\n<!-- /a -->\n\nAfter.\n');
  assert.equal(withSection(before, 'b', 'more'), `${before}\n<!-- b -->\nmore\n<!-- /b -->\n`);
});

test('a table has one line a row and aligned columns', () => {
  assert.equal(markdownTable(['who', 's'], [['ours', '1.25']]), '| who  |    s |\n| ---- | ---: |\n| ours | 1.25 |');
});
