// An HTTP server that PM2 runs twice (cluster mode) and replaces one at a time, without a failed request.
import { createServer } from 'node:http';

let stopping = false;

const server = createServer((request, response) => {
  if (stopping) response.setHeader('Connection', 'close'); // a client that keeps its connection alive moves to another worker
  const status = request.url === '/' || request.url === '/health' ? 200 : 404;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ status: status === 200 ? 'healthy' : 'not found', pid: process.pid }));
});
server.listen(process.env.PORT ?? 5561, () => console.log(`listening, pid ${process.pid}`));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    stopping = true;
    // A second of answers with `Connection: close`, so that no kept connection is cut off just as a request comes along it.
    setTimeout(() => server.close(() => process.exit(0)), 1_000);
  });
}
