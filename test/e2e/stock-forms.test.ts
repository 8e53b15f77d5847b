// Every way to write the ecosystem file that a stock PM2 can read, and every way to name it; and what is said where it cannot.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { listed } from '../support/listed.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { ask, writeProject } from '../support/project.ts';
import { ROOT } from '../support/sandbox.ts';
import { StockSandbox } from '../support/stock.ts';

const SOURCE = join(ROOT, 'src/index.ts');
const SERVER = `
require('node:http').createServer((_, response) => response.end('{}')).listen(process.env.PORT, '127.0.0.1');
process.on('SIGINT', () => process.exit(0));
`;

const AS_ES_MODULE = (definition: string) =>
  `import { defineEcosystem } from '${SOURCE}';\nexport const { apps } = defineEcosystem(import.meta.url, ${definition});\n`;
const AS_COMMONJS = (definition: string) =>
  `const { defineEcosystem } = require('${SOURCE}') as typeof import('${SOURCE}');\nmodule.exports = defineEcosystem(__filename, ${definition});\n`;

interface Form {
  /** `type` of package.json; null: there is no such file. */
  readonly type: 'module' | 'commonjs' | null;
  readonly file: string;
  readonly text: (definition: string) => string;
}

const ES_MODULE: Form = { type: 'module', file: 'ecosystem.config.ts', text: AS_ES_MODULE };
const COMMONJS: Form = { type: 'commonjs', file: 'ecosystem.config.ts', text: AS_COMMONJS };
const MTS: Form = { type: 'commonjs', file: 'ecosystem.config.mts', text: AS_ES_MODULE };

/** Writes a project with one backend in that form. @returns the ecosystem file and the backend's port */
async function write(folder: string, { type, file, text }: Form): Promise<{ file: string; port: number }> {
  const port = await freePort();
  const backend = { name: 'api', run: { script: 'server.cjs' }, port, health: { liveness: '/', readiness: null } };
  mkdirSync(folder, { recursive: true });
  if (type) writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  writeFileSync(join(folder, 'server.cjs'), SERVER);
  writeFileSync(join(folder, file), text(JSON.stringify({ backends: [backend], dashboard: null })));
  return { file: join(folder, file), port };
}

async function onlyTheDeclared({ pm2Home }: StockSandbox, declared: readonly string[]): Promise<void> {
  await until(
    'the declared apps, and they alone',
    async () => {
      const apps = (await listed(pm2Home)).map(({ name, status }) => `${name} ${status}`).sort();
      const expected = declared.map((name) => `${name} online`);
      return JSON.stringify(apps) === JSON.stringify(expected) || Promise.reject(new Error(apps.join(', ')));
    },
    { deadlineMs: 20_000 },
  );
}

for (const version of ['24', '22.12.0']) {
  describe(`a stock pm2 on Node ${version}`, { timeout: 180_000 }, () => {
    const sandbox = new StockSandbox(version);
    after(() => sandbox.dispose());

    /** Types `pm2 start FILE` in `folder`, and waits for the backend's answer. */
    async function starts(folder: string, typed: string, port: number): Promise<void> {
      assert.equal((await sandbox.pm2In(folder, 'start', typed)).code, 0);
      await onlyTheDeclared(sandbox, ['api', 'lifeguard']);
      await until('an answer', () => ask(port));
      await sandbox.pm2('delete', 'all');
    }

    const forms: [string, Form][] = [
      ['in a project of ES modules', ES_MODULE],
      ['in a project of "type": "commonjs", written with require', COMMONJS],
    ];
    const onlyModern: [string, Form][] = [
      ['in a project of "type": "commonjs", as ecosystem.config.mts', MTS],
      ['in a folder without a package.json', { ...ES_MODULE, type: null }],
    ];
    for (const [title, form] of version === '24' ? [...forms, ...onlyModern] : forms) {
      it(`reads the file ${title}`, async () => {
        const { file, port } = await write(join(sandbox.dir, title.replace(/\W+/g, '-')), form);
        await starts(dirname(file), basename(file), port);
      });
    }
    if (version !== '24') return;

    it('pm2 start current/ecosystem.config.ts, current a symbolic link', async () => {
      const { port } = await write(join(sandbox.dir, 'releases/1'), ES_MODULE);
      symlinkSync('releases/1', join(sandbox.dir, 'current'));
      await starts(sandbox.dir, 'current/ecosystem.config.ts', port);
    });

    it('pm2 start of a file that is a symbolic link itself', async () => {
      const { file, port } = await write(join(sandbox.dir, 'elsewhere'), COMMONJS);
      mkdirSync(join(sandbox.dir, 'etc'));
      symlinkSync(file, join(sandbox.dir, 'etc/ecosystem.config.ts'));
      await starts(sandbox.dir, 'etc/ecosystem.config.ts', port);
    });

    it('a folder with spaces in its name: a script, a cluster, a program with an env_file', async () => {
      const folder = join(sandbox.dir, 'my shop (old)');
      mkdirSync(folder);
      const { ports } = await writeProject({ dir: folder });
      assert.equal((await sandbox.pm2In(folder, 'start', 'ecosystem.config.ts')).code, 0);
      await onlyTheDeclared(sandbox, ['api', 'lifeguard', 'python', 'workers', 'workers']);
      assert.equal((await until('an answer', () => ask(ports.api))).secret, 'of-the-env-file');
      assert.equal((await until('an answer of the workers', () => ask(ports.workers))).secret, 'of-the-env-file');
      await until('an answer of Python', async () => (await fetch(`http://127.0.0.1:${ports.python}/server.cjs`)).ok);
      await sandbox.pm2('delete', 'all');
    });

    it('a mistake in a linked file: one line says what to type, and nothing is tried again', async () => {
      const { file } = await write(join(sandbox.dir, 'mistaken'), {
        ...COMMONJS,
        text: () => AS_COMMONJS('{ backends: [{ name: "api" }] }'),
      });
      symlinkSync(dirname(file), join(sandbox.dir, 'linked'));
      await sandbox.pm2In(sandbox.dir, 'start', 'linked/ecosystem.config.ts');
      const entry = await until('the entry to stop', async () =>
        (await listed(sandbox.pm2Home)).find((app) => app.status === 'stopped'),
      );
      assert.equal(entry.restarts, 0);
      const said = readFileSync(entry.errorFile, 'utf8');
      assert.match(said, /^Mend it, then: pm2 delete ecosystem\.config; pm2 start linked\/ecosystem\.config\.ts$/m);
      assert.doesNotMatch(said, /^ +at /m);
    });
  });
}

describe('where a stock pm2 cannot read the file', () => {
  const sandbox = new StockSandbox('24');
  after(() => sandbox.dispose());

  it('an ES module in a project of "type": "commonjs": lifeguard says so in one line, and what to type', async () => {
    const { file } = await write(join(sandbox.dir, 'commonjs'), { ...ES_MODULE, type: 'commonjs' });
    const { code, stderr } = await sandbox.lifeguardIn(dirname(file), 'validate');
    assert.equal(code, 0);
    assert.match(stderr, /^note: a stock pm2 cannot read ecosystem\.config\.ts here, as package\.json says "type": "commonjs"/);
    assert.match(stderr, /: mv ecosystem\.config\.ts ecosystem\.config\.mts/);
    assert.equal(stderr.trim().split('\n').length, 1);
  });
});
