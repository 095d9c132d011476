import { at, records, text } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timestamp } from '../api/core.ts';
import { each, KIND, type Controller, type Turn } from './controller.ts';
import { createPod, deletePod, isActive, ownedBy, writeStatus } from './pods.ts';

/** Runs pods until enough have succeeded, or too many have failed. Back-off between failures is the nodes' own. */
export const job: Controller = {
  name: 'job-controller',
  watches: [KIND.job, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    const now = timestamp(turn.now);
    each(client.list(KIND.job), turn, (object) => {
      if (object.metadata.deletionTimestamp !== undefined || at(object, 'spec', 'suspend') === true) return;
      const finished = finishedAt(object);
      if (finished !== undefined) return removeWhenOld(turn, object, finished);
      const pods = ownedBy(object, client.list(KIND.pod, object.metadata.namespace));
      const phase = (wanted: string): number => pods.filter((pod) => at(pod, 'status', 'phase') === wanted).length;
      const [succeeded, failed] = [phase('Succeeded'), phase('Failed')];
      const active = pods.filter(isActive);
      const completions = Number(at(object, 'spec', 'completions') ?? 1);
      const backoff = Number(at(object, 'spec', 'backoffLimit') ?? 6);
      const startTime = at(object, 'status', 'startTime') ?? now;
      const condition = (type: string, reason: string): unknown => ({
        type,
        status: 'True',
        reason,
        lastProbeTime: now,
        lastTransitionTime: now,
      });
      const counts = { startTime, active: active.length, succeeded, failed };
      if (succeeded >= completions) {
        writeStatus(client, object, {
          ...counts,
          completionTime: now,
          conditions: [condition('Complete', 'CompletionsReached')],
        });
        return;
      }
      if (failed > backoff) {
        writeStatus(client, object, { ...counts, conditions: [condition('Failed', 'BackoffLimitExceeded')] });
        return;
      }
      const deadline = at(object, 'spec', 'activeDeadlineSeconds');
      if (typeof deadline === 'number') {
        const left = Date.parse(String(startTime)) + deadline * 1000 - turn.now.getTime();
        if (left <= 0) {
          writeStatus(client, object, { ...counts, conditions: [condition('Failed', 'DeadlineExceeded')] });
          for (const pod of active) deletePod(client, pod);
          return;
        }
        turn.again(left);
      }
      writeStatus(client, object, counts);
      const parallel = Math.min(Number(at(object, 'spec', 'parallelism') ?? 1), completions - succeeded);
      const { name, uid = '' } = object.metadata;
      const labels = {
        'batch.kubernetes.io/job-name': name,
        'job-name': name,
        'batch.kubernetes.io/controller-uid': uid,
      };
      for (let missing = parallel - active.length; missing > 0; missing--) createPod(client, { owner: object, labels });
    });
  },
};

/** When a Job was over, well or badly. */
function finishedAt(job: KubernetesObject): string | undefined {
  const over = records(at(job, 'status', 'conditions')).find(
    ([, { type, status }]) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  return text(over?.[1]['lastTransitionTime']);
}

/** The TTL-after-finished controller: removes a Job that asks for it so long after its end. */
function removeWhenOld(turn: Turn, job: KubernetesObject, finished: string): void {
  const ttl = at(job, 'spec', 'ttlSecondsAfterFinished');
  if (typeof ttl !== 'number') return;
  const left = Date.parse(finished) + ttl * 1000 - turn.now.getTime();
  const { namespace, name, uid } = job.metadata;
  if (left > 0) turn.again(left);
  else turn.client.delete(KIND.job, namespace, name, { propagationPolicy: 'Background', preconditions: { uid } });
}
