/**
 * One service of the demo shop. What it is comes from its environment:
 *
 *   SERVICE  its name, in answers and on /metrics
 *   PORT     8080 when absent
 *   ROUTES   `/checkout=http://checkout.shop:8080 /=http://catalogue.shop:8080`: a gateway's; longest prefix wins
 *   CALLS    `http://cart.shop:8080 http://payments.payments:8080`: all must answer before it does
 *   UPSTREAMS  the same with names: `cart=http://cart.shop:8080,…`
 *   STORE    `orders-store.shop:5432`: read and written on every request
 *   TIMEOUT_MS  patience with each of these; 1500 when absent
 *   FAIL_RATIO  share of requests to answer with 500, for experiments; 0 when absent
 *
 * GET /healthz says that it runs; every other path does its work and answers 200, or 502/503/504 with the reason.
 */
import { Agent, createServer, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const env = process.env;
const service = env['SERVICE'] ?? 'service';
const timeoutMs = Number(env['TIMEOUT_MS'] ?? '1500');
const failRatio = Number(env['FAIL_RATIO'] ?? '0');
const words = (text: string | undefined): readonly string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);
const routes = words(env['ROUTES'])
  .map((entry) => ({ prefix: entry.slice(0, entry.indexOf('=')), url: entry.slice(entry.indexOf('=') + 1) }))
  .sort((a, b) => b.prefix.length - a.prefix.length);
const calls = [...words(env['CALLS']), ...words(env['UPSTREAMS']).map((entry) => entry.replace(/^[^=/]+=/, ''))];
const store = env['STORE'];
// Connections are not kept: each request must pass the network's rules as they are now.
const agent = new Agent({ keepAlive: false });

interface Answer {
  readonly status: number;
  readonly body: string;
}

class UpstreamError extends Error {
  readonly status: 502 | 503 | 504;
  constructor(status: 502 | 503 | 504, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks an upstream. Rejects with a 503 when nobody is there, a 504 when nobody answers, a 502 when it fails itself. */
function call(method: 'GET' | 'PUT', url: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, timeout: timeoutMs });
    const timer = setTimeout(
      () => sent.destroy(new UpstreamError(504, `${url}: no answer in ${timeoutMs} ms`)),
      timeoutMs,
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error instanceof UpstreamError ? error : new UpstreamError(503, `${url}: ${error.code ?? error.message}`));
    });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        if (status >= 500) reject(new UpstreamError(502, `${url}: HTTP ${status} ${text.slice(0, 300)}`));
        else resolve({ status, body: text });
      });
    });
    sent.end(body);
  });
}

let served = 0;
let failed = 0;

async function work(path: string): Promise<Answer> {
  if (Math.random() < failRatio) throw new UpstreamError(502, `${service} fails on purpose (FAIL_RATIO)`);
  const route = routes.find(({ prefix }) => path.startsWith(prefix));
  if (route) return call('GET', `${route.url}${path}`);
  await Promise.all(calls.map((url) => call('GET', `${url}/`)));
  if (store !== undefined) {
    await call('PUT', `http://${store}/${service}/last`, new Date().toISOString());
    await call('GET', `http://${store}/${service}/last`);
  }
  return { status: 200, body: JSON.stringify({ service, path, ok: true, asked: calls, store: store ?? null }) };
}

const server = createServer((incoming, response) => {
  const path = incoming.url ?? '/';
  const answer = (status: number, body: string, type = 'application/json'): void => {
    response.writeHead(status, { 'content-type': type, connection: 'close' }).end(`${body}\n`);
  };
  if (path === '/healthz') return answer(200, '{"ok":true}');
  if (path === '/metrics') return answer(200, metrics(), 'text/plain; version=0.0.4');
  const begun = performance.now();
  work(path)
    .then(({ status, body }) => answer(status, body.trimEnd()))
    .catch((error: unknown) => {
      failed++;
      const status = error instanceof UpstreamError ? error.status : 500;
      const reason = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${JSON.stringify({ service, path, status, reason })}\n`);
      answer(status, JSON.stringify({ service, path, ok: false, reason }));
    })
    .finally(() => {
      served++;
      seconds += (performance.now() - begun) / 1_000;
    });
});
let seconds = 0;

function metrics(): string {
  const label = `{service="${service}"}`;
  return [
    '# TYPE shop_requests_total counter',
    `shop_requests_total${label} ${served}`,
    '# TYPE shop_failures_total counter',
    `shop_failures_total${label} ${failed}`,
    '# TYPE shop_request_seconds summary',
    `shop_request_seconds_sum${label} ${seconds.toFixed(6)}`,
    `shop_request_seconds_count${label} ${served}`,
  ].join('\n');
}

const port = Number(env['PORT'] ?? '8080');
server.listen(port, () => process.stdout.write(`${service} listens on ${port}\n`));

/** Requests in flight are finished; new ones have a moment to go elsewhere. */
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void delay(300).then(() => server.close(() => process.exit(0)));
    setTimeout(() => process.exit(0), 5_000).unref();
  });
}
