import type { Room } from '../../room.ts';
import type { Contender, Setting } from '../contender.ts';
import type { Victim } from '../victim.ts';

interface MonitSetting {
  readonly everyS: number;
  readonly cycles: number;
  readonly timeoutS: number;
  /** For so long after a start it makes no HTTP checks. */
  readonly startTimeoutS: number;
  /** How its stop program ends the victim: start-stop-daemon's schedule. */
  readonly retry: string;
}

const SETTINGS: Record<Setting, MonitSetting> = {
  default: { everyS: 30, cycles: 3, timeoutS: 5, startTimeoutS: 30, retry: 'TERM/5/KILL/5' },
  fastest: { everyS: 1, cycles: 2, timeoutS: 1, startTimeoutS: 5, retry: 'TERM/1/KILL/5' },
};

/** monit with a pid file, started and stopped by start-stop-daemon as Debian's init scripts do. */
export function monit(setting: Setting): Contender {
  const { everyS, cycles, timeoutS, startTimeoutS } = SETTINGS[setting];
  return {
    name: 'monit',
    setting,
    how: `every ${everyS} s, ${cycles} cycles, ${timeoutS} s timeout, ${startTimeoutS} s to start`,
    checkEveryMs: everyS * 1000,
    slow: setting === 'default',
    async start(room, victim) {
      const file = room.write('monitrc', controlFile(room, victim, SETTINGS[setting]));
      room.launch('monit', ['-I', '-c', file]);
    },
  };
}

function controlFile(room: Room, victim: Victim, { everyS, cycles, timeoutS, startTimeoutS, retry }: MonitSetting): string {
  const { dir, pm2Home } = room;
  const pidFile = `${dir}/victim.pid`;
  const command = [process.execPath, victim.script, ...victim.args];
  // monit empties the environment; PM2_HOME is the mark by which the room finds its processes.
  const start = room.write(
    'start',
    `#!/bin/sh\nexport PM2_HOME=${pm2Home}\nexec start-stop-daemon --start --background --make-pidfile --pidfile ${pidFile} --exec ${command[0]} -- ${command.slice(1).join(' ')}\n`,
    0o700,
  );
  const stop = room.write(
    'stop',
    `#!/bin/sh\nexport PM2_HOME=${pm2Home}\nexec start-stop-daemon --stop --oknodo --retry ${retry} --pidfile ${pidFile}\n`,
    0o700,
  );
  return `set daemon ${everyS}
set log ${dir}/monit.log
set pidfile ${dir}/monit.pid
set idfile ${dir}/monit.id
set statefile ${dir}/monit.state
check process victim with pidfile ${pidFile}
  start program = "${start}" with timeout ${startTimeoutS} seconds
  stop program = "${stop}"
  if failed host 127.0.0.1 port ${victim.port} protocol http request "/health" with timeout ${timeoutS} seconds for ${cycles} cycles then restart
`;
}
