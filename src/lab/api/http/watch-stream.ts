import type { ServerResponse } from 'node:http';
import type { ApiKind } from '../kinds.ts';
import { watchObjects, type WatchFrame } from '../operations/watch.ts';
import { partialObject, tableOf } from '../tables/table.ts';
import type { Answer } from './answer.ts';
import { includeOf, type ResourceRequest } from './resource-request.ts';

/** A client that reads slower than this much behind is cut off; it will list again. */
const MOST_BUFFERED = 16 * 1024 * 1024;
/** Watches end by themselves after half an hour to an hour, as upstream, unless the client says otherwise. */
const DEFAULT_TIMEOUT_SECONDS = 1800;

/** A watch as a stream of JSON lines. */
export function watchAnswer(request: ResourceRequest, kind: ApiKind, namespace: string | undefined): Answer {
  const { core, query, shape } = request;
  // Bad parameters are refused before the stream begins.
  const pending: WatchFrame[] = [];
  let write = (frame: WatchFrame): void => void pending.push(frame);
  let finish = (): void => undefined;
  let over = false;
  const stop = watchObjects(core, kind, namespace, query, {
    send: (frame) => write(frame),
    end: () => {
      over = true;
      finish();
    },
  });
  let columnsSent = false;
  const encode = (frame: WatchFrame): string => {
    if (frame.type === 'ERROR') return line(frame);
    if (frame.type === 'BOOKMARK' && shape !== 'table') return line(frame);
    const { object } = frame;
    if (shape === 'partial') return line({ type: frame.type, object: partialObject(object) });
    if (shape !== 'table') return line(frame);
    const options = { include: includeOf(query), now: core.now(), headless: columnsSent };
    columnsSent = true;
    const { resourceVersion } = object.metadata;
    const rows = frame.type === 'BOOKMARK' ? [] : [object];
    return line({
      type: frame.type,
      object: tableOf(kind, rows, { resourceVersion, annotations: object.metadata.annotations }, options),
    });
  };
  const seconds = Number(query.get('timeoutSeconds') ?? 0) || DEFAULT_TIMEOUT_SECONDS * (1 + Math.random());

  return {
    kind: 'stream',
    run: (response: ServerResponse, signal) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(() => end(), seconds * 1000);
        timer.unref();
        const end = (): void => {
          stop();
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          response.end();
          resolve();
        };
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
        response.flushHeaders();
        write = (frame) => {
          response.write(encode(frame));
          if (response.writableLength > MOST_BUFFERED) response.destroy();
        };
        pending.forEach((frame) => write(frame));
        pending.length = 0;
        finish = end;
        if (over || signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      }),
  };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
