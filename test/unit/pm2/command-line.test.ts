import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../../src/pm2/command-line/options.ts';
import { readRequest } from '../../../src/pm2/command-line/request.ts';
import { inheritable, inheritableByDaemon } from '../../../src/pm2/daemon/environment.ts';

const ours: [string, ReturnType<typeof readRequest>][] = [
  ['start', { command: 'start', file: null, args: [] }],
  ['start --only api', { command: 'start', file: null, args: ['--only', 'api'] }],
  ['start ecosystem.config.ts', { command: 'start', file: 'ecosystem.config.ts', args: [] }],
  ['--env production reload ./a/b.config.ts', { command: 'reload', file: './a/b.config.ts', args: ['--env', 'production'] }],
  ['startOrReload x.config.ts --env=x', { command: 'reload', file: 'x.config.ts', args: ['--env=x'] }],
  ['del ecosystem.config.ts -s', { command: 'delete', file: 'ecosystem.config.ts', args: ['-s'] }],
];
const pm2s = [
  '',
  'ls',
  'logs',
  'start app.js',
  'start ecosystem.config.js',
  'restart all',
  'start a.config.ts b.config.ts',
  'stop api',
];

for (const [line, expected] of ours) {
  test(`ours: pm2 ${line}`, () => assert.deepEqual(readRequest(line.split(' ')), expected));
}
for (const line of pm2s) {
  test(`PM2's own: pm2 ${line}`, () => assert.equal(readRequest(line.split(' ')), null));
}

test('--only and --env, in every spelling; anything else is refused', () => {
  assert.deepEqual(readOptions(['--only', 'a,b', '--only=c d', '--env', 'x', '-f']), {
    only: ['a', 'b', 'c', 'd'],
    envName: 'x',
    adopt: null,
  });
  assert.deepEqual(readOptions([]), { only: null, envName: null, adopt: null });
  assert.throws(() => readOptions(['--only']), { code: 'usage' });
  assert.throws(() => readOptions(['--watch']), { code: 'usage', message: /--watch/ });
});

test("apps inherit the user's variables, not the launcher's nor the terminal's", () => {
  const environment = {
    ...{ HOME: '/home/u', DATABASE_URL: 'postgres://', AWS_PROFILE: 'x', NODE_ENV: 'production', LANG: 'C' },
    ...{ PM2_HOME: '/p', PM2_PROGRAMMATIC: 'true', PM2_KILL_SIGNAL: 'SIGTERM', pm_id: '0', name: 'eco', status: 'online' },
    ...{
      npm_execpath: 'npm',
      npm_config_x: '1',
      INIT_CWD: '/',
      NODE: '/usr/bin/node',
      TERM: 'xterm',
      PWD: '/',
      SSH_TTY: '/dev/pts/0',
    },
    ...{ LIFEGUARD_CONFIG: 'x', NODE_CHANNEL_FD: '3' },
    PATH: '/srv/node_modules/.bin:/x/node-gyp-bin:/usr/bin:/bin',
  };
  const user = {
    HOME: '/home/u',
    DATABASE_URL: 'postgres://',
    AWS_PROFILE: 'x',
    NODE_ENV: 'production',
    LANG: 'C',
    PATH: '/usr/bin:/bin',
  };
  assert.deepEqual(inheritable(environment), user);
  assert.deepEqual(inheritableByDaemon(environment, '/home/p'), { ...user, PM2_HOME: '/home/p', PM2_KILL_SIGNAL: 'SIGTERM' });
});
