import type { Contender } from '../contender.ts';

/** Debian's supervisor. It restarts at once what exits and makes no checks of its own. */
export const supervisor: Contender = {
  name: 'supervisor',
  setting: 'default',
  how: '`autorestart=true`; it makes no checks (those of superlance are not packaged for Debian), so there is nothing to set faster',
  checkEveryMs: null,
  slow: false,
  async start(room, victim) {
    const { dir } = room;
    const file = room.write(
      'supervisord.conf',
      `[supervisord]
nodaemon=true
directory=${dir}
logfile=${dir}/supervisord.log
pidfile=${dir}/supervisord.pid
childlogdir=${dir}

[program:victim]
command=${[process.execPath, victim.script, ...victim.args].join(' ')}
autorestart=true
`,
    );
    room.launch('supervisord', ['-c', file]);
  },
};
