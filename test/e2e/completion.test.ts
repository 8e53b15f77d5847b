import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../support/port.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';

const sandbox = new Sandbox();
before(async () => {
  const bin = join(sandbox.dir, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'lifeguard'), `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/lifeguard.js')}' "$@"\n`);
  chmodSync(join(bin, 'lifeguard'), 0o755);
  sandbox.env.PATH = `${bin}:${sandbox.env.PATH}`;
  const definition = { backends: [{ name: 'shop-api', run: { command: 'true' }, port: await freePort() }] };
  writeFileSync(
    join(sandbox.dir, 'ecosystem.config.ts'),
    `import { defineEcosystem } from '${join(ROOT, 'src/index.ts')}';\nexport const { apps } = defineEcosystem(import.meta.url, ${JSON.stringify(definition)});\n`,
  );
});
after(() => sandbox.dispose());

/** What a shell offers after `lifeguard WORDS…`, by its own machinery. */
const asks: Record<string, (words: readonly string[]) => [string, string[]]> = {
  bash: (words) => [
    'bash',
    [
      '--norc',
      '-c',
      `eval "$(lifeguard completion bash)"; COMP_WORDS=(lifeguard ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _lifeguard; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
  ],
  fish: (words) => [
    'fish',
    ['--no-config', '-c', `lifeguard completion fish | source; complete -C 'lifeguard ${words.join(' ')}'`],
  ],
  // zsh completes in its line editor alone: what it would be given is printed instead.
  zsh: (words) => [
    'zsh',
    [
      '-f',
      '-c',
      `compdef() { :; }; source <(lifeguard completion zsh); _describe() { print -l -- \${(P)2}; }; compadd() { print -l -- \${(P)2}; }
       words=(lifeguard ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; PREFIX='${words.at(-1)}'; _lifeguard`,
    ],
  ],
};

for (const [shell, ask] of Object.entries(asks)) {
  test(`${shell} completes commands, options, and the names of the backends`, async () => {
    const offered = async (...words: string[]) => {
      const [program, args] = ask(words);
      const { code, stdout, stderr } = await sandbox.run(program, args);
      assert.equal(stderr, '');
      assert.equal(code, 0, stdout);
      return stdout.split('\n').map((line) => line.split(/[\t:]/)[0] ?? '');
    };
    assert.ok((await offered('st')).includes('status'));
    assert.ok((await offered('logs', '--')).includes('--around'));
    assert.ok((await offered('status', '')).includes('shop-api'));
    assert.ok((await offered('incidents', '')).includes('show'));
  });
}

test('a shell that is not known', async () => {
  assert.equal((await sandbox.lifeguard('completion', 'tcsh')).code, 64);
});
