// A backend in TypeScript, run as it is: no build step, only types that can be erased.
import { createServer } from 'node:http';

interface Note {
  readonly id: number;
  readonly text: string;
}

const notes: Note[] = [];

const server = createServer(async (request, response) => {
  const answer = (status: number, body: unknown) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (request.url === '/health') return answer(200, { status: 'healthy', notes: notes.length });
  if (request.url !== '/notes') return answer(404, { error: 'GET /health, GET /notes, POST /notes' });
  if (request.method !== 'POST') return answer(200, notes);

  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const note: Note = { id: notes.length + 1, text };
  notes.push(note);
  answer(201, note);
});
server.listen(process.env.PORT ?? 5562, () => console.log(`listening, pid ${process.pid}`));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
