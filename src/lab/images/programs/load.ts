/**
 * A load generator with an open loop: RATE requests a second to TARGET, whether or not the earlier ones have been
 * answered, so that a slow service can't slow down its own measurement. Prints one JSON line every 10 s; /metrics on
 * PORT (8080) has the figures.
 */
import { createServer, request, Agent } from 'node:http';

const target = process.env['TARGET'] ?? process.env['URL'] ?? '';
const rate = Number(process.env['RATE'] ?? '5');
const timeoutMs = Number(process.env['TIMEOUT_MS'] ?? '2000');
const port = Number(process.env['PORT'] ?? '8080');
const agent = new Agent({ keepAlive: false });
const outcomes = new Map<string, number>();
let seconds = 0;
let count = 0;

function ask(): void {
  const begun = performance.now();
  let done = false;
  const note = (outcome: string): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    seconds += (performance.now() - begun) / 1_000;
    count++;
  };
  const sent = request(target, { agent });
  const timer = setTimeout(() => {
    note('timeout');
    sent.destroy();
  }, timeoutMs);
  sent.on('error', (error: NodeJS.ErrnoException) => note(error.code ?? 'error'));
  sent.on('response', (response) => {
    response.resume().on('end', () => note(String(response.statusCode)));
  });
  sent.end();
}

createServer((_, response) => {
  const lines = [...outcomes].map(([outcome, n]) => `load_requests_total{outcome="${outcome}"} ${n}`);
  const sums = [`load_request_seconds_sum ${seconds.toFixed(6)}`, `load_request_seconds_count ${count}`];
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(
    ['# TYPE load_requests_total counter', ...lines, '# TYPE load_request_seconds summary', ...sums, ''].join('\n'),
  );
}).listen(port);

if (target === '' || !(rate > 0)) {
  process.stderr.write('TARGET must be a URL and RATE a number above 0\n');
  process.exit(2);
}
setInterval(ask, 1_000 / rate);
setInterval(() => {
  process.stdout.write(`${JSON.stringify({ target, requests: count, outcomes: Object.fromEntries(outcomes) })}\n`);
}, 10_000);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
