// Answers for any number of backends: node stub.cjs INTERVAL_MS, as a child with an IPC channel. It sends its port, then answers
// every request with 200 and notes when it came. At the message "start" it forgets what came, at "report" it tells how late checks were.
const { createServer } = require('node:http');

const intervalMs = Number(process.argv[2]);
const last = new Map();
let lateness = [];
let requests = 0;

const server = createServer((request, response) => {
  const now = performance.now();
  const before = last.get(request.url);
  if (before !== undefined) lateness.push(now - before - intervalMs);
  last.set(request.url, now);
  requests++;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"status":"healthy"}');
});
server.listen(0, '127.0.0.1', 4096, () => process.send(server.address().port));

process.on('message', (message) => {
  if (message === 'start') {
    lateness = [];
    requests = 0;
    return;
  }
  lateness.sort((a, b) => a - b);
  const quantile = (share) => lateness[Math.max(0, Math.ceil(share * lateness.length) - 1)] ?? Number.NaN;
  const now = performance.now();
  // A check that never came again is as late as it is by now.
  const missing = [...last.values()].filter((at) => now - at > 2 * intervalMs).length;
  process.send({ requests, missing, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) });
});
process.on('disconnect', () => process.exit(0));
