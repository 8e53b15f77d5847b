// A backend that does as it is told: /hang blocks it for good, /sick has it answer 503 until it is started anew, /crash ends it.
const { createServer } = require('node:http');

let isSick = false;
createServer(({ url }, response) => {
  if (url === '/hang') for (;;);
  if (url === '/crash') process.exit(1);
  if (url === '/sick') isSick = true;
  response.writeHead(isSick ? 503 : 200).end(String(process.pid));
}).listen(process.env.PORT, '127.0.0.1', () => console.log(`listening as ${process.pid}`));
process.once('SIGTERM', () => {
  console.log('asked to end');
  process.exit(0);
});
