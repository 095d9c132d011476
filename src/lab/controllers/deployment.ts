import { at, record, records, stringMap } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timestamp } from '../api/core.ts';
import type { LocalClient } from '../api/local-client.ts';
import { each, KIND, type Controller, type Turn } from './controller.ts';
import { amountOf, ownedBy, ownerReference, templateHash, writeStatus } from './pods.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';

/** One ReplicaSet per template; a rollout moves replicas from the old ones to the new one within the strategy's bounds. */
export const deployment: Controller = {
  name: 'deployment-controller',
  watches: [KIND.deployment, KIND.replicaSet],
  reconcile(turn) {
    each(turn.client.list(KIND.deployment), turn, (object) => {
      if (object.metadata.deletionTimestamp === undefined) rollOut(turn, object);
    });
  },
};

function rollOut(turn: Turn, object: KubernetesObject): void {
  const { client } = turn;
  const sets = ownedBy(object, client.list(KIND.replicaSet, object.metadata.namespace));
  const hash = templateHash(at(object, 'spec', 'template'));
  const old = sets.filter((set) => set.metadata.labels?.[HASH] !== hash);
  const current = sets.find((set) => set.metadata.labels?.[HASH] === hash) ?? createSet(client, object, hash, sets);
  annotateRevision(client, object, current);
  if (at(object, 'spec', 'paused') !== true) {
    for (const { set, replicas } of planScaling(object, current, old)) {
      client.patch(KIND.replicaSet, set.metadata.namespace, set.metadata.name, { spec: { replicas } });
    }
  }
  report(turn, object, current, [current, ...old]);
  const kept = Number(at(object, 'spec', 'revisionHistoryLimit') ?? 10);
  const idle = old
    .filter((set) => size(set) === 0 && count(set, 'replicas') === 0)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of idle.slice(0, Math.max(0, idle.length - kept))) {
    client.delete(KIND.replicaSet, set.metadata.namespace, set.metadata.name);
  }
}

/** The sizes to give: never more than replicas + maxSurge in all, never fewer available than replicas − maxUnavailable. */
export function planScaling(
  object: KubernetesObject,
  current: KubernetesObject,
  old: readonly KubernetesObject[],
): readonly { readonly set: KubernetesObject; readonly replicas: number }[] {
  const wanted = Number(at(object, 'spec', 'replicas') ?? 1);
  const oldSize = old.reduce((sum, set) => sum + size(set), 0);
  const plan: { set: KubernetesObject; replicas: number }[] = [];
  const resize = (set: KubernetesObject, replicas: number): void => {
    if (replicas !== size(set)) plan.push({ set, replicas });
  };
  if (at(object, 'spec', 'strategy', 'type') === 'Recreate') {
    for (const set of old) resize(set, 0);
    if (old.every((set) => size(set) === 0 && count(set, 'replicas') === 0)) resize(current, wanted);
    return plan;
  }
  const rolling = at(object, 'spec', 'strategy', 'rollingUpdate');
  const surge = amountOf(at(rolling, 'maxSurge'), wanted, 'up');
  const given = amountOf(at(rolling, 'maxUnavailable'), wanted, 'down');
  const unavailable = surge === 0 && given === 0 ? 1 : given;
  const room = wanted + surge - oldSize - size(current);
  if (size(current) > wanted) resize(current, wanted);
  else if (size(current) < wanted) resize(current, Math.min(wanted, size(current) + Math.max(0, room)));

  // Old pods that are not available go first, of the others as many as may be missing. In all, no more than leaves
  // enough even if every old pod turns out available: statuses lag behind the pods.
  const enough = wanted - unavailable;
  const available = [current, ...old].reduce((sum, set) => sum + staying(set), 0);
  let most = Math.max(0, oldSize + staying(current) - enough);
  let spare = Math.max(0, available - enough);
  for (const set of old) {
    const broken = Math.min(size(set) - staying(set), most);
    most -= broken;
    const taken = Math.min(staying(set), spare, most);
    spare -= taken;
    most -= taken;
    resize(set, size(set) - broken - taken);
  }
  return plan;
}

function createSet(
  client: LocalClient,
  object: KubernetesObject,
  hash: string,
  sets: readonly KubernetesObject[],
): KubernetesObject {
  const template = record(at(object, 'spec', 'template'));
  const labels = { ...stringMap(at(template, 'metadata', 'labels')), [HASH]: hash };
  const selector = record(at(object, 'spec', 'selector'));
  const { namespace } = object.metadata;
  return client.create({
    ...KIND.replicaSet,
    metadata: {
      name: `${object.metadata.name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [REVISION]: String(Math.max(0, ...sets.map(revisionOf)) + 1) },
      ownerReferences: [ownerReference(object)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...stringMap(selector['matchLabels']), [HASH]: hash } },
      template: { ...template, metadata: { ...record(template['metadata']), labels } },
    },
  });
}

function annotateRevision(client: LocalClient, object: KubernetesObject, current: KubernetesObject): void {
  const revision = current.metadata.annotations?.[REVISION];
  if (revision === undefined || object.metadata.annotations?.[REVISION] === revision) return;
  const { namespace, name } = object.metadata;
  client.patch(KIND.deployment, namespace, name, { metadata: { annotations: { [REVISION]: revision } } });
}

function report(
  turn: Turn,
  object: KubernetesObject,
  current: KubernetesObject,
  all: readonly KubernetesObject[],
): void {
  const wanted = Number(at(object, 'spec', 'replicas') ?? 1);
  const sum = (field: string): number => all.reduce((total, set) => total + count(set, field), 0);
  const available = sum('availableReplicas');
  const updated = count(current, 'replicas');
  const enough =
    available >= wanted - amountOf(at(object, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'), wanted, 'down');
  const complete = updated === wanted && sum('replicas') === wanted && available === wanted;
  const now = timestamp(turn.now);
  const condition = (type: string, status: boolean, reason: string, message: string): unknown => {
    const before = records(at(object, 'status', 'conditions')).find(([, c]) => c['type'] === type)?.[1];
    const same = before?.['status'] === (status ? 'True' : 'False') && before['reason'] === reason;
    if (same) return before;
    return { type, status: status ? 'True' : 'False', reason, message, lastUpdateTime: now, lastTransitionTime: now };
  };
  writeStatus(turn.client, object, {
    observedGeneration: object.metadata['generation'],
    replicas: sum('replicas'),
    updatedReplicas: updated,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: wanted > available ? wanted - available : null,
    conditions: [
      enough
        ? condition('Available', true, 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
        : condition('Available', false, 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'),
      complete
        ? condition(
            'Progressing',
            true,
            'NewReplicaSetAvailable',
            `ReplicaSet "${current.metadata.name}" has successfully progressed.`,
          )
        : condition('Progressing', true, 'ReplicaSetUpdated', `ReplicaSet "${current.metadata.name}" is progressing.`),
    ],
  });
}

/** Available pods that the set will keep: its status still counts those it has been told to delete. */
function staying(set: KubernetesObject): number {
  return Math.min(size(set), count(set, 'availableReplicas'));
}

function size(set: KubernetesObject): number {
  return Number(at(set, 'spec', 'replicas') ?? 0);
}

function count(set: KubernetesObject, field: string): number {
  return Number(at(set, 'status', field) ?? 0);
}

function revisionOf(set: KubernetesObject): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}
