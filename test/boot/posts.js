// Inside a machine. `posts.js write`: posts without end, eight at a time; the id of each is printed when it was acknowledged, and not
// before; from the 600th on /run/written-600 is there. `posts.js read`: prints the id of every post that is there.
import { writeFileSync } from 'node:fs';
import http from 'node:http';

const agent = new http.Agent({ keepAlive: true });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, method, path, host: '127.0.0.1', port: 5555, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode, json: JSON.parse(text) }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

let written = 0;
async function write() {
  for (;;) {
    const { status, json } = await ask('POST', '/api/posts', { title: 'written in traffic' });
    if (status !== 201) continue;
    process.stdout.write(`${json.id}\n`);
    if (++written === 600) writeFileSync('/run/written-600', '');
  }
}

async function read() {
  for (let offset = 0; ; offset += 100) {
    const { json } = await ask('GET', `/api/posts?limit=100&offset=${offset}`);
    for (const { id } of json.items) process.stdout.write(`${id}\n`);
    if (json.items.length === 0) return;
  }
}

if (process.argv[2] === 'write') await Promise.all(Array.from({ length: 8 }, write));
else await read();
agent.destroy();
