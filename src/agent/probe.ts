/**
 * The small program that runs in a pod or on a node: `seaworthy-probe`. It needs nothing but Node, opens what it is
 * told to open and prints one JSON line for each question. Exit status 0 whenever a question was answered.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { answer, batch, parseRequest } from './batch.ts';
import { listen } from './listen.ts';

const USAGE = `usage: seaworthy-probe connect --to HOST:PORT [--protocol tcp|udp] [--timeout MS] [--count N] [--source ADDRESS]
       seaworthy-probe listen --port PORT [--port PORT]… [--host ADDRESS]
       seaworthy-probe http URL [--timeout MS]
       seaworthy-probe dns NAME [--server ADDRESS[:PORT]] [--timeout MS]
       seaworthy-probe whoami
       seaworthy-probe batch [--concurrency N]     (requests as JSON lines on stdin)
`;

// Names are resolved on the threads of libuv's pool, four by default; one that waits for a resolver that is gone keeps its
// thread long after its question has timed out. With one for each question of a batch, the next does not queue behind it.
process.env['UV_THREADPOOL_SIZE'] ??= '64';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string' },
    protocol: { type: 'string' },
    timeout: { type: 'string' },
    count: { type: 'string' },
    source: { type: 'string' },
    server: { type: 'string' },
    port: { type: 'string', multiple: true },
    host: { type: 'string' },
    concurrency: { type: 'string' },
  },
});
const [command, argument] = positionals;
const optional = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value };
const numeric = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

switch (command) {
  case 'listen': {
    for (const wanted of values.port ?? ['0']) {
      const { port } = await listen(Number(wanted), values.host);
      process.stdout.write(`${JSON.stringify({ kind: 'listen', port })}\n`);
    }
    break;
  }
  case 'batch': {
    const lines = createInterface({ input: process.stdin });
    await batch(lines, (line) => void process.stdout.write(`${line}\n`), numeric(values.concurrency));
    // Everything is answered; a name that is still being looked up for a question that has timed out would keep the process.
    process.exit();
    break;
  }
  default:
    await ask();
}

async function ask(): Promise<void> {
  const request = parseRequest(fromArguments());
  if (typeof request === 'string') {
    process.stderr.write(`${request}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`${JSON.stringify(await answer(request))}\n`);
}

function fromArguments(): Record<string, unknown> {
  const split = /^\[?(.*?)\]?:(\d+)$/.exec(values.to ?? '');
  return {
    kind: command,
    ...optional('host', split?.[1]),
    ...optional('port', numeric(split?.[2])),
    ...optional('protocol', values.protocol),
    ...optional('timeoutMs', numeric(values.timeout)),
    ...optional('count', numeric(values.count)),
    ...optional('source', values.source),
    ...optional('server', values.server),
    ...optional('url', command === 'http' ? argument : undefined),
    ...optional('name', command === 'dns' ? argument : undefined),
  };
}
