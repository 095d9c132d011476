import { at } from '../../model/json.ts';
import { timestamp } from '../api/core.ts';
import { each, KIND, type Controller } from './controller.ts';
import { createPod, isActive, ownedBy, writeStatus } from './pods.ts';

/** Runs pods until enough have succeeded, or too many have failed. Back-off between failures is the nodes' own. */
export const job: Controller = {
  name: 'job-controller',
  watches: [KIND.job, KIND.pod],
  reconcile(turn) {
    const { client } = turn;
    const now = timestamp(turn.now);
    each(client.list(KIND.job), turn, (object) => {
      if (
        object.metadata.deletionTimestamp !== undefined ||
        at(object, 'status', 'completionTime') ||
        at(object, 'spec', 'suspend') === true
      )
        return;
      const failedAlready = JSON.stringify(at(object, 'status', 'conditions') ?? []).includes('"Failed"');
      if (failedAlready) return;
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
