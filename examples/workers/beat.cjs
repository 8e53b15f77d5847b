// Copy this file. One heartbeat: a byte to the socket that lifeguard listens at. Without LIFEGUARD_BEAT (in development) it does nothing.
const { connect } = require('node:net');

function beat() {
  const path = process.env.LIFEGUARD_BEAT;
  if (path === undefined) return;
  // Nobody may listen just now, as while lifeguard is restarted: the next beat will be heard.
  connect(path, function () {
    this.end('.');
  })
    .on('error', () => {})
    .resume();
}

module.exports = { beat };
