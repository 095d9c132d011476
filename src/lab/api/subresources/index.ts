import { at } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { json, type Answer } from '../http/answer.ts';
import { isTrue } from '../http/request-info.ts';
import type { ResourceRequest } from '../http/resource-request.ts';
import { badRequest, methodNotAllowed, notImplemented } from '../http/status.ts';
import { copy } from '../objects.ts';
import { patchObject, replaceObject, type Target } from '../operations/change.ts';
import { finalizeNamespace } from '../operations/lifecycle.ts';
import { getObject } from '../operations/read.ts';
import { storageKey } from '../registry.ts';
import { bindPod } from './binding.ts';
import { evictPod } from './eviction.ts';
import { podLog } from './log.ts';
import { nodeProxy } from './node-proxy.ts';
import { getScale, patchScale, replaceScale } from './scale.ts';
import { requestToken } from './token.ts';

type Handler = (request: ResourceRequest, target: Target) => Answer | Promise<Answer>;

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;

/** What each subresource does; those that upgrade the connection are in `upgrade.ts` and get here only without it. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  status: part,
  ephemeralcontainers: part,
  resize: () => {
    throw notImplemented('this lab does not resize the containers of running pods');
  },
  scale: ({ core, call, info, body }, target) => {
    if (info.verb === 'get') return json(getScale(core, target));
    if (info.verb === 'patch') {
      return json(patchScale(core, call, target, { contentType: body.contentType, body: body.value }));
    }
    return json(replaceScale(core, call, target, body.value));
  },
  eviction: ({ core, call, body }, target) => json(evictPod(core, call, target, body.value), 201),
  binding: ({ core, call, body }, target) => {
    bindPod(core, call, target, body.value);
    return json(SUCCESS, 201);
  },
  token: ({ core, body, accounts }, target) => json(requestToken(core, target, body.value, accounts), 201),
  finalize: finalize,
  log: podLog,
  exec: upgradeOnly,
  portforward: upgradeOnly,
  attach: () => {
    throw notImplemented('this lab does not attach to running containers; use exec');
  },
  proxy: (request, target) => {
    if (target.kind.resource === 'nodes') return nodeProxy(request, target);
    throw notImplemented('this lab does not proxy HTTP to pods and services; use port-forward');
  },
};

export function subresourceHandler(request: ResourceRequest, target: Target): Answer | Promise<Answer> {
  const handler = HANDLERS[target.subresource];
  if (!handler) throw methodNotAllowed();
  return handler(request, target);
}

/** Subresources that are a part of the object: read and written like it. */
function part(request: ResourceRequest, target: Target): Answer {
  const { core, call, info, body, query } = request;
  switch (info.verb) {
    case 'get':
      return json(getObject(core, target.kind, target.namespace, target.name));
    case 'update':
      return json(replaceObject(core, call, target, body.value));
    default: {
      const patch = { contentType: body.contentType, body: body.value, force: isTrue(query.get('force')) };
      return json(patchObject(core, call, target, patch));
    }
  }
}

/** PUT namespaces/NAME/finalize: when nothing holds a namespace that is going, it goes. */
function finalize({ core, call, body }: ResourceRequest, target: Target): Answer {
  const before: KubernetesObject = getObject(core, target.kind, undefined, target.name);
  if (at(body.value, 'metadata', 'name') !== target.name)
    throw badRequest('the name of the object does not match the URL');
  const draft = finalizeNamespace(copy(before), body.value);
  if (call.dryRun) return json(draft);
  const empty = (at(draft, 'spec', 'finalizers') as readonly unknown[]).length === 0;
  const held = empty ? (before.metadata['finalizers'] as readonly unknown[] | undefined)?.length : 1;
  const key = storageKey(target.kind);
  const gone = before.metadata.deletionTimestamp !== undefined && empty && !held;
  return json(gone ? core.store.remove(key, draft) : core.store.put(key, draft));
}

function upgradeOnly(): Answer {
  throw badRequest(
    'Upgrade request required: this lab speaks websockets (v4.channel.k8s.io, v5.channel.k8s.io), not SPDY',
  );
}
