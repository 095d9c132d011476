import { at, number, record, stringMap } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { formatSelector, parseSelector } from '../../../model/selectors.ts';
import type { Call, Core } from '../core.ts';
import { badRequest, conflict, invalid, MODIFIED } from '../http/status.ts';
import { apiVersionOf } from '../kinds.ts';
import { child, copy } from '../objects.ts';
import { patchedScale, type Target } from '../operations/change.ts';
import { getObject } from '../operations/read.ts';
import { storeChanged } from '../operations/write.ts';
import { invalidValue } from '../validation/causes.ts';

const SCALE = { group: 'autoscaling', resource: 'scales', kind: 'Scale' };

/** `autoscaling/v1` Scale: the number of replicas asked for, and the number there. */
export function getScale(core: Core, target: Target): KubernetesObject {
  return scaleOf(getObject(core, target.kind, target.namespace, target.name));
}

export function replaceScale(core: Core, call: Call, target: Target, body: unknown): KubernetesObject {
  const before = getObject(core, target.kind, target.namespace, target.name);
  const replicas = number(at(body, 'spec', 'replicas')) ?? 0;
  const asked = at(body, 'metadata', 'resourceVersion');
  if (asked !== undefined && asked !== '' && asked !== before.metadata.resourceVersion) {
    throw conflict(target.kind, target.name, MODIFIED);
  }
  if (!Number.isInteger(replicas)) throw badRequest('spec.replicas is a whole number');
  if (replicas < 0) {
    const why = 'must be greater than or equal to 0';
    throw invalid(SCALE, target.name, [invalidValue('spec.replicas', replicas, why)]);
  }
  const draft = copy(before);
  child(draft, 'spec')['replicas'] = replicas;
  const manager = { name: call.manager, operation: 'Update', subresource: 'scale' } as const;
  return scaleOf(storeChanged(core, call, { kind: target.kind, before, draft, subresource: '', manager }));
}

export function patchScale(
  core: Core,
  call: Call,
  target: Target,
  patch: { readonly contentType: string; readonly body: unknown },
): KubernetesObject {
  return replaceScale(core, call, target, patchedScale(patch.contentType, getScale(core, target), patch.body));
}

function scaleOf(object: KubernetesObject): KubernetesObject {
  const { name, namespace = '', uid = '', resourceVersion = '', creationTimestamp = '' } = object.metadata;
  const wanted = number(at(object, 'spec', 'replicas')) ?? 0;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // Go leaves out a zero here, and writes it in the status.
    spec: wanted > 0 ? { replicas: wanted } : {},
    status: { replicas: number(at(object, 'status', 'replicas')) ?? 0, selector: selectorText(object) },
  };
}

function selectorText(object: KubernetesObject): string {
  const raw = record(at(object, 'spec', 'selector'));
  // A ReplicationController selects by labels alone.
  const selector =
    apiVersionOf({ group: '', version: 'v1' }) === object.apiVersion ? { matchLabels: stringMap(raw) } : raw;
  const parsed = parseSelector(selector);
  return parsed.kind === 'ok' ? formatSelector(parsed.selector) : '';
}
