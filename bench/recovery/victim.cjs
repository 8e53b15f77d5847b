// The backend that suffers: node victim.cjs PORT CONTROL_PORT [BEHAVIOUR] [DEPENDENCY_PORT]
// It says "hello PID" to the bench's control port when it serves and "checked" at the first request that is not the bench's
// own, and takes one command a line from there. Plain CommonJS, so that it boots fast under any supervisor.
const { createServer } = require('node:http');
const { connect } = require('node:net');

const [port, controlPort, behaviour = 'well', dependencyPort] = process.argv.slice(2);
let broken = false;
let asked = 0;
let checked = () => {};

const server = createServer((request, response) => {
  if (request.headers['user-agent'] === 'lifeguard-bench') return answer(response, !broken);
  checked();
  asked++;
  if (broken) return answer(response, false);
  if (behaviour === 'slow') return setTimeout(answer, 900, response, true);
  if (behaviour === 'flapping') return answer(response, asked % 10 !== 0);
  if (behaviour === 'dependency-down') return withDependency((up) => answer(response, up));
  return answer(response, true);
});

function answer(response, well) {
  response.writeHead(well ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ pid: process.pid, status: well ? 'healthy' : 'degraded' }));
}

function withDependency(then) {
  const socket = connect(Number(dependencyPort), '127.0.0.1');
  socket.once('connect', () => {
    socket.destroy();
    then(true);
  });
  socket.once('error', () => then(false));
}

/** Blocks the event loop without using a processor. */
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const commands = {
  crash: () => process.exit(1),
  break: () => {
    broken = true;
  },
  hang: () => block(Number.POSITIVE_INFINITY),
};

server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen(Number(port), '127.0.0.1', () => {
  const control = connect(Number(controlPort), '127.0.0.1');
  control.write(`hello ${process.pid}\n`);
  checked = () => {
    control.write('checked\n');
    checked = () => {};
  };
  control.setEncoding('utf8').on('data', (text) => {
    for (const line of text.trim().split('\n')) commands[line]?.();
  });
  // The bench is gone: so is the victim.
  control.on('close', () => process.exit(0)).on('error', () => {});
});
if (behaviour === 'pauses') setInterval(block, 20_000, 4_000);
