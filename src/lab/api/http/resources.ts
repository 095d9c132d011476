import type { JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { apiVersionOf, type ApiKind } from '../kinds.ts';
import { patchObject, replaceObject, type Target } from '../operations/change.ts';
import { deleteCollection, deleteObject, readDeleteOptions } from '../operations/delete.ts';
import { getObject, listObjects } from '../operations/read.ts';
import { createObject } from '../operations/write.ts';
import { review } from '../reviews/index.ts';
import { subresourceHandler } from '../subresources/index.ts';
import { partialObject, tableOf } from '../tables/table.ts';
import { json, type Answer } from './answer.ts';
import { isTrue } from './request-info.ts';
import { includeOf, type ResourceRequest } from './resource-request.ts';
import { methodNotAllowed, noSuchPath } from './status.ts';
import { watchAnswer } from './watch-stream.ts';

export async function serveResource(request: ResourceRequest): Promise<Answer> {
  const { core, call, info, query, body } = request;
  const kind = core.registry.find(info.group, info.version, info.resource);
  if (!kind) throw noSuchPath();
  const namespace = kind.namespaced ? info.namespace || undefined : undefined;
  const target: Target = { kind, namespace, name: info.name, subresource: info.subresource };
  if (info.subresource !== '') {
    const declared = kind.subresources.find(({ name }) => name === info.subresource);
    if (!declared) throw noSuchPath();
    if (!declared.verbs.includes(info.verb)) throw methodNotAllowed();
    return subresourceHandler(request, target);
  }
  const needsName = info.verb === 'patch' || info.verb === 'update';
  if (!kind.verbs.includes(info.verb) || (needsName && info.name === '')) throw methodNotAllowed();
  switch (info.verb) {
    case 'get':
      return json(one(request, kind, getObject(core, kind, namespace, info.name)));
    case 'list': {
      const { metadata, items } = listObjects(core, kind, namespace, query);
      return json(many(request, kind, items, metadata));
    }
    case 'watch':
      return watchAnswer(request, kind, namespace);
    case 'create': {
      if (kind.review) {
        const context = { core, call, kind, namespace, accounts: request.accounts, tokens: request.tokens };
        return json(review(context, body.value), 201);
      }
      return json(one(request, kind, createObject(core, call, kind, namespace, body.value)), 201);
    }
    case 'update':
      return json(one(request, kind, replaceObject(core, call, target, body.value)));
    case 'patch': {
      const existed = core.store.get(
        `${kind.resource}${kind.group === '' ? '' : `.${kind.group}`}`,
        namespace,
        info.name,
      );
      const patch = { contentType: body.contentType, body: body.value, force: isTrue(query.get('force')) };
      return json(one(request, kind, patchObject(core, call, target, patch)), existed ? 200 : 201);
    }
    case 'delete': {
      const result = deleteObject(core, call, kind, namespace, info.name, readDeleteOptions(body.value, query));
      return json(result.kind === 'Status' ? result : one(request, kind, result as KubernetesObject));
    }
    case 'deletecollection': {
      const deleted = deleteCollection(core, call, kind, namespace, query, readDeleteOptions(body.value, query));
      return json({ kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), ...deleted });
    }
    default:
      throw methodNotAllowed();
  }
}

/** An object in the shape the client asked for. */
export function one(request: ResourceRequest, kind: ApiKind, object: KubernetesObject): unknown {
  if (request.shape === 'partial') return partialObject(object);
  if (request.shape !== 'table') return object;
  const { resourceVersion } = object.metadata;
  return tableOf(kind, [object], { resourceVersion }, { include: includeOf(request.query), now: request.core.now() });
}

function many(
  request: ResourceRequest,
  kind: ApiKind,
  items: readonly KubernetesObject[],
  metadata: JsonRecord,
): unknown {
  if (request.shape === 'table') {
    return tableOf(kind, items, metadata, { include: includeOf(request.query), now: request.core.now() });
  }
  if (request.shape === 'partial') {
    return {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: items.map(partialObject),
    };
  }
  // Items of a list carry no kind of their own, as upstream: the list says it.
  return {
    kind: `${kind.kind}List`,
    apiVersion: apiVersionOf(kind),
    metadata,
    items: isBuiltInList(kind) ? items.map(({ kind: _, apiVersion: __, ...rest }) => rest) : items,
  };
}

/** Custom resources keep their kind inside lists. */
function isBuiltInList(kind: ApiKind): boolean {
  return kind.verbs[0] === 'create';
}
