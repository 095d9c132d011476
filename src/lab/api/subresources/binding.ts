import { at, records, text } from '../../../model/json.ts';
import { timestamp, type Call, type Core } from '../core.ts';
import { badRequest, conflict } from '../http/status.ts';
import { child, copy } from '../objects.ts';
import type { Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';
import { storageKey } from '../registry.ts';

/** POST pods/NAME/binding: puts a pod on a node, once. */
export function bindPod(core: Core, call: Call, target: Target, body: unknown): void {
  const node = text(at(body, 'target', 'name')) ?? '';
  if (node === '') throw badRequest('Binding "" is invalid: target.name: Required value');
  const before = getObject(core, target.kind, target.namespace, target.name);
  const assigned = text(at(before, 'spec', 'nodeName'));
  if (assigned)
    throw conflict(target.kind, target.name, `pod ${target.name} is already assigned to node "${assigned}"`);
  if (before.metadata.deletionTimestamp !== undefined) {
    throw conflict(target.kind, target.name, `pod ${target.name} is being deleted, cannot be assigned to a host`);
  }
  if (call.dryRun) return;
  const draft = copy(before);
  child(draft, 'spec')['nodeName'] = node;
  const status = child(draft, 'status');
  const others = records(status['conditions']).flatMap(([, c]) => (c['type'] === 'PodScheduled' ? [] : [c]));
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(core.now()),
  };
  status['conditions'] = [...others, scheduled];
  core.store.put(storageKey(target.kind), draft);
}
