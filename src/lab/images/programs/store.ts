/**
 * A small key-value store over HTTP: PUT /KEY keeps the body, GET /KEY gives it back, DELETE /KEY forgets it. In
 * memory: a restart loses everything, as the demo wants to show. PORT (5432) is where it listens.
 */
import { createServer } from 'node:http';

const LIMIT = 10_000;
const values = new Map<string, string>();
const port = Number(process.env['PORT'] ?? '5432');

const server = createServer((request, response) => {
  const key = request.url ?? '/';
  const answer = (status: number, body = ''): void => {
    response.writeHead(status, { connection: 'close' }).end(body);
  };
  if (key === '/healthz') return answer(200, 'ok\n');
  if (request.method === 'GET') {
    const value = values.get(key);
    return value === undefined ? answer(404, 'no such key\n') : answer(200, value);
  }
  if (request.method === 'DELETE') return answer(values.delete(key) ? 204 : 404);
  if (request.method !== 'PUT') return answer(405);
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    if (values.size >= LIMIT && !values.has(key)) return answer(507, 'full\n');
    values.set(key, body);
    answer(204);
  });
});

server.listen(port, () => process.stdout.write(`store listens on ${port}\n`));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close(() => process.exit(0)));
