import type { JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { AccessRequest } from '../../analysis/access/index.ts';
import { refusal } from './authz/request.ts';
import type { Call, Core, UserInfo } from './core.ts';
import { notFound } from './http/status.ts';
import type { ApiKind } from './kinds.ts';
import { patchObject, replaceObject, PATCH_TYPES } from './operations/change.ts';
import { deleteObject, readDeleteOptions } from './operations/delete.ts';
import { createObject } from './operations/write.ts';
import { storageKey } from './registry.ts';
import { bindPod } from './subresources/binding.ts';

/** Names a collection: `Pod`, `Deployment` with its `apps/v1`. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * The API for code in the same process: the same checks, defaults and refusals as over HTTP (an ApiError is thrown),
 * without sockets and without audit. Reads are of the store itself.
 */
export interface LocalClient {
  get(kind: KindName, namespace: string | undefined, name: string): KubernetesObject | undefined;
  list(kind: KindName, namespace?: string): readonly KubernetesObject[];
  create(object: KubernetesObject): KubernetesObject;
  /** Replaces; with a resourceVersion in the object only if it is still that one. */
  update(object: KubernetesObject, subresource?: 'status'): KubernetesObject;
  /** Merge patch. */
  patch(
    kind: KindName,
    namespace: string | undefined,
    name: string,
    patch: JsonRecord,
    subresource?: 'status',
  ): KubernetesObject;
  delete(kind: KindName, namespace: string | undefined, name: string, options?: JsonRecord): void;
  bind(namespace: string, pod: string, node: string): void;
  /** Calls back after every change of a kind, synchronously: the callback must only take note. */
  follow(
    kind: KindName,
    changed: (object: KubernetesObject, previous: KubernetesObject | undefined) => void,
  ): () => void;
}

export function createLocalClient(core: Core, user: UserInfo): LocalClient {
  const call = (): Call => ({
    requester: user,
    dryRun: false,
    manager: managerOf(user.user),
    fieldValidation: 'Ignore',
    warnings: [],
  });
  function kindOf(name: KindName): ApiKind {
    const kind = core.registry.byKind(name.apiVersion, name.kind);
    if (!kind) throw notFound({ group: '', resource: name.kind, kind: name.kind }, name.kind);
    return kind;
  }
  function check(kind: ApiKind, verb: string, namespace: string | undefined, name: string, subresource = ''): void {
    const { group, resource } = kind;
    const request: AccessRequest = {
      kind: 'resource',
      verb,
      group,
      resource,
      subresource,
      name,
      namespace: namespace ?? '',
    };
    if (!core.authorizer.decide(user, request).allowed) throw refusal(user, request);
  }

  return {
    get: (name, namespace, objectName) => core.store.get(storageKey(kindOf(name)), namespace, objectName),
    list: (name, namespace) => core.store.list(storageKey(kindOf(name)), namespace),
    create(object) {
      const kind = kindOf(object);
      const { namespace } = object.metadata;
      check(kind, 'create', namespace, '');
      return createObject(core, call(), kind, namespace, asJson(object));
    },
    update(object, subresource) {
      const kind = kindOf(object);
      const { namespace, name } = object.metadata;
      check(kind, 'update', namespace, name, subresource);
      return replaceObject(core, call(), { kind, namespace, name, subresource: subresource ?? '' }, asJson(object));
    },
    patch(kindName, namespace, name, patch, subresource) {
      const kind = kindOf(kindName);
      check(kind, 'patch', namespace, name, subresource);
      const target = { kind, namespace, name, subresource: subresource ?? '' };
      return patchObject(core, call(), target, { contentType: PATCH_TYPES.merge, body: asJson(patch), force: false });
    },
    delete(kindName, namespace, name, options) {
      const kind = kindOf(kindName);
      check(kind, 'delete', namespace, name);
      deleteObject(core, call(), kind, namespace, name, readDeleteOptions(options, new URLSearchParams()));
    },
    bind(namespace, name, node) {
      const kind = kindOf({ apiVersion: 'v1', kind: 'Pod' });
      check(kind, 'create', namespace, name, 'binding');
      bindPod(core, call(), { kind, namespace, name, subresource: 'binding' }, { target: { name: node } });
    },
    follow(kindName, changed) {
      const followed = core.store.follow(storageKey(kindOf(kindName)), core.store.revision(), (change) =>
        changed(change.object, change.previous),
      );
      return followed.kind === 'ok' ? followed.stop : () => undefined;
    },
  };
}

/** What a value is after its way over the wire: fields that are undefined are not there. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** `system:serviceaccount:kube-system:deployment-controller` writes as `deployment-controller`. */
function managerOf(user: string): string {
  return user.slice(user.lastIndexOf(':') + 1);
}
