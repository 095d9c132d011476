import { messageOf } from '../../../model/errors.ts';
import { at, records, text } from '../../../model/json.ts';
import { isTrue } from '../http/request-info.ts';
import type { Answer } from '../http/answer.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { badRequest } from '../http/status.ts';
import type { LogView } from '../../ports.ts';
import type { Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';
import { podTarget } from './pod-target.ts';

/** GET pods/NAME/log: what a container has printed, and with `follow` what it prints from now on. */
export function podLog({ core, query }: ResourceRequest, target: Target): Answer {
  const pod = getObject(core, target.kind, target.namespace, target.name);
  const to = podTarget(pod, query.get('container'));
  const waiting = records(at(pod, 'status', 'containerStatuses')).find(([, s]) => s['name'] === to.container)?.[1];
  const reason = text(at(waiting, 'state', 'waiting', 'reason'));
  if (reason !== undefined && at(waiting, 'lastState', 'terminated') === undefined) {
    throw badRequest(`container "${to.container}" in pod "${to.pod}" is waiting to start: ${reason}`);
  }
  const view = viewOf(query);
  const limit = wholeNumber(query, 'limitBytes') ?? Infinity;
  return {
    kind: 'stream',
    async run(response, signal) {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.flushHeaders();
      const options = {
        follow: isTrue(query.get('follow')),
        previous: isTrue(query.get('previous')),
        signal,
        ...view,
      };
      let left = limit;
      try {
        for await (const chunk of core.runtime.logs(to, options)) {
          if (!response.write(chunk.subarray(0, left)))
            await new Promise<void>((resume) => response.once('drain', resume).once('close', resume));
          left -= chunk.length;
          if (signal.aborted || left <= 0) break;
        }
      } catch (thrown) {
        if (!signal.aborted) response.write(`failed to read the logs: ${messageOf(thrown)}\n`);
      }
      response.end();
    },
  };
}

function viewOf(query: URLSearchParams): LogView {
  const seconds = wholeNumber(query, 'sinceSeconds');
  const time = query.get('sinceTime');
  const tailLines = wholeNumber(query, 'tailLines');
  if (seconds !== undefined && time !== null) throw badRequest('at most one of sinceTime or sinceSeconds may be given');
  const sinceMs = seconds !== undefined ? Date.now() - seconds * 1_000 : time === null ? undefined : Date.parse(time);
  if (Number.isNaN(sinceMs)) throw badRequest(`sinceTime ${time} is not a time`);
  return {
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const written = query.get(name);
  if (written === null) return undefined;
  if (!/^\d+$/.test(written)) throw badRequest(`${name} ${written} is not a number of 0 or more`);
  return Number(written);
}
