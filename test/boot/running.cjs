// Inside a machine. `running.cjs PM2_HOME`: prints name, pid and start time of every process that PM2 has online, one a line. `pm2 jlist` says the
// same for ten times the work, and starts a daemon where there is none.
const { existsSync, readFileSync } = require('node:fs');
const axon = require('pm2/modules/pm2-axon');
const rpc = require('pm2/modules/pm2-axon-rpc');

const socket = axon.socket('req');
const client = new rpc.Client(socket);
const path = `${process.argv[2]}/rpc.sock`;
socket.on('error', () => process.exit(0)); // Nobody listens there.
setTimeout(() => process.exit(1), 10_000).unref();
if (existsSync(path)) {
  socket.connect(path);
  client.call('getMonitorData', {}, (error, list) => {
    if (error) throw error;
    for (const { name, pid, pm2_env } of list)
      if (pm2_env.status === 'online')
        console.log(name, pid, readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[19]);
    process.exit(0);
  });
}
