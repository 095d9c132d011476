import { messageOf } from '../../../model/errors.ts';
import { at, records, text } from '../../../model/json.ts';
import { isTrue } from '../http/request-info.ts';
import type { Answer } from '../http/answer.ts';
import type { ResourceRequest } from '../http/resources.ts';
import { badRequest } from '../http/status.ts';
import type { Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';
import { podTarget } from './pod-target.ts';

/** GET pods/NAME/log. `sinceSeconds`, `sinceTime`, `timestamps` and `limitBytes` are not served: 400 rather than a wrong answer. */
export function podLog({ core, query }: ResourceRequest, target: Target): Answer {
  const pod = getObject(core, target.kind, target.namespace, target.name);
  const to = podTarget(pod, query.get('container'));
  for (const parameter of ['sinceSeconds', 'sinceTime', 'limitBytes']) {
    if (query.get(parameter)) throw badRequest(`this lab does not serve logs by ${parameter}`);
  }
  if (isTrue(query.get('timestamps'))) throw badRequest('this lab does not keep the times of log lines');
  const waiting = records(at(pod, 'status', 'containerStatuses')).find(([, s]) => s['name'] === to.container)?.[1];
  const reason = text(at(waiting, 'state', 'waiting', 'reason'));
  if (reason !== undefined && at(waiting, 'lastState', 'terminated') === undefined) {
    throw badRequest(`container "${to.container}" in pod "${to.pod}" is waiting to start: ${reason}`);
  }
  const tail = query.get('tailLines');
  return {
    kind: 'stream',
    async run(response, signal) {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.flushHeaders();
      const options = {
        follow: isTrue(query.get('follow')),
        previous: isTrue(query.get('previous')),
        signal,
        ...(tail === null ? {} : { tailLines: Number(tail) }),
      };
      try {
        for await (const chunk of core.runtime.logs(to, options)) {
          if (!response.write(chunk))
            await new Promise<void>((resume) => response.once('drain', resume).once('close', resume));
          if (signal.aborted) break;
        }
      } catch (thrown) {
        if (!signal.aborted) response.write(`failed to read the logs: ${messageOf(thrown)}\n`);
      }
      response.end();
    },
  };
}
