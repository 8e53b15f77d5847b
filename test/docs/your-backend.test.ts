// docs/your-backend.md, done as it is written: in an empty home folder, with a clone of this repository and somebody's FastAPI app.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { checkout } from '../support/checkout.ts';
import { missingPackages } from '../support/fastapi.ts';
import { freePort } from '../support/port.ts';
import { Postgres } from '../support/postgres.ts';
import { ROOT, Sandbox } from '../support/sandbox.ts';
import { type FileStep, type RunStep, stepsOf, unsaid } from './steps.ts';

const PAGE = 'docs/your-backend.md';
const PORTS = ['5555', '5556', '5561', '5562', '5563', '5599'];
const DATABASE_URL = 'postgresql://me:secret@127.0.0.1:5432/mediaposter';

describe(PAGE, { skip: missingPackages() ?? false, timeout: 800_000 }, () => {
  let home: Sandbox;
  let database: Postgres;
  const elsewhere = new Map<string, string>();

  before(async () => {
    database = await Postgres.start();
    elsewhere.set(DATABASE_URL, database.url);
    for (const port of PORTS) elsewhere.set(port, String(await freePort()));
    home = new Sandbox({
      npm_config_cache: join(homedir(), '.npm'),
      npm_config_prefer_offline: 'true',
      npm_config_fund: 'false',
    });
    home.env.HOME = home.dir;
    checkout(join(home.dir, 'pm2-lifeguard'));
    mkdirSync(join(home.dir, 'mediaposter'));
    cpSync(join(ROOT, 'examples/fastapi/main.py'), join(home.dir, 'mediaposter/main.py'));
  });
  after(async () => {
    await home?.dispose();
    await database?.dispose();
  });

  for (const step of stepsOf(readFileSync(join(ROOT, PAGE), 'utf8'))) {
    const title = step.kind === 'file' ? `the file ${step.name}` : (step.script.trim().split('\n').at(-1) ?? '');
    it(`line ${step.line}: ${title}`, () => (step.kind === 'file' ? write(step) : run(step)));
  }

  /** This test's own ports and database in place of the page's. */
  const here = (text: string) => [...elsewhere].reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
  const state = () => join(home.dir, '.state');

  function write({ name, text }: FileStep): void {
    const folder = /^cd "(.*)"$/m.exec(readFileSync(state(), 'utf8'))?.[1];
    assert.ok(folder);
    writeFileSync(join(folder, name), here(text));
  }

  /** In a shell that goes on where the last one was: its folder, its variables. */
  async function run({ script, fails, says }: RunStep): Promise<void> {
    const goOn = existsSync(state()) ? `. '${state()}'\n` : '';
    const keep = `trap 'code=$?; { export -p; echo "cd \\"$PWD\\""; } >'"'${state()}'"'; exit $code' EXIT\n`;
    const { code, stdout, stderr } = await home.run('bash', ['-c', `${goOn}${keep}set -e\n${here(script)}`], {
      deadlineMs: 120_000,
    });
    const output = stdout + stderr;
    assert.equal(code === 0, !fails, `ended in ${code}:\n${output}`);
    assert.deepEqual(unsaid(says.map(here), output), [], output);
  }
});
