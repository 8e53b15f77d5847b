import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCompose } from '../../../src/init/readers/compose.ts';
import { readIni } from '../../../src/init/readers/ini.ts';
import { readSupervisord } from '../../../src/init/readers/supervisord.ts';
import { readUnits } from '../../../src/init/readers/systemd.ts';
import { project } from '../../support/project-files.ts';

test('an ini file: comments, lines that go on, the same key twice', () => {
  assert.deepEqual(readIni('# no\n[a]\nx = 1\nx=2\n; no\n[b:c d]\nlong=one \\\n  two\nmore=1,\n    2\n'), [
    { section: 'a', key: 'x', value: '1' },
    { section: 'a', key: 'x', value: '2' },
    { section: 'b:c d', key: 'long', value: 'one two' },
    { section: 'b:c d', key: 'more', value: '1, 2' },
  ]);
});

test('supervisord: what it includes and groups is said; what needs another program of its own too', () => {
  const draft = readSupervisord(
    project({
      'supervisord.conf':
        '[include]\nfiles = conf.d/*.conf\n[group:all]\nprograms=a\n[program:a]\ncommand=gunicorn app:app -b 127.0.0.1:%(ENV_PORT)s\n[program:b]\ncommand=uvicorn main:app --port 8001\nautostart=false\n',
    }),
  );
  assert.deepEqual(
    draft?.backends.map(({ name, port, liveness }) => [name, port, liveness]),
    [['b', 8001, 'tcp']],
  );
  const notes = draft?.notes.join('\n') ?? '';
  for (const note of [
    /\[include\] is not/,
    /\[group:all\] is not/,
    /a: its command needs more.*ENV_PORT/,
    /b: not taken over: autostart=false/,
  ])
    assert.match(notes, note);
});

test('systemd: variables in the command, specifiers, what does not stay in the foreground, units of somebody else', () => {
  const unit = (body: string) => `[Service]\n${body}\n`;
  const draft = readUnits(
    project({
      'a.service': unit('Environment=PORT=8002\nExecStart=-/usr/bin/gunicorn app:app -b 127.0.0.1:${PORT}'),
      'b@.service': unit('ExecStart=/usr/bin/run --user %i'),
      'c.service': unit('Type=oneshot\nExecStart=/usr/bin/migrate'),
      'pm2-root.service': unit('ExecStart=/usr/lib/node_modules/pm2/bin/pm2 resurrect'),
    }),
  );
  assert.deepEqual(
    draft?.backends.map(({ name, port, run }) => [name, port, run.command]),
    [['a', 8002, '/usr/bin/gunicorn app:app -b 127.0.0.1:8002']],
  );
  const notes = draft?.notes.join('\n') ?? '';
  assert.match(notes, /b: its ExecStart needs more/);
  assert.match(notes, /c: Type=oneshot: only what stays in the foreground/);
  assert.doesNotMatch(notes, /pm2/);
  assert.equal(readUnits(project({ 'pm2-root.service': unit('ExecStart=pm2 resurrect') })), null);
});

test('compose: only images leave the project to its source; a command as a line, a map or a list of variables', () => {
  assert.equal(readCompose(project({ 'compose.yml': 'services: { db: { image: "postgres:16" } }' })), null);
  assert.equal(readCompose(project({ 'compose.yml': '{ broken' })), null);
  const draft = readCompose(
    project({
      'docker-compose.yml':
        'x-env: &env { COLOUR: red }\nservices:\n  api:\n    build: { context: . }\n    command: uvicorn main:app --host 0.0.0.0 --port 8000\n    environment: { <<: *env, EMPTY: }\n  web:\n    build: .\n    command: [gunicorn, app:app, -b, ":8001"]\n    environment: [A=1, B]\n    ports: [{ target: 9 }]\n',
    }),
  );
  assert.deepEqual(
    draft?.backends.map(({ name, port, run }) => [name, port, run.command, run.env]),
    [
      ['api', 8000, 'uvicorn main:app --host 0.0.0.0 --port 8000', { COLOUR: 'red' }],
      ['web', 8001, 'gunicorn app:app -b :8001', { A: '1' }],
    ],
  );
});
