import type { Position } from '../model/errors.ts';
import { isRecord, type JsonRecord } from '../model/json.ts';
import { kindKey, type KindKey, type KubernetesObject } from '../model/object.ts';
import { podTemplateOf, WORKLOAD_KINDS } from '../model/pods.ts';
import type { Gap, InputFinding } from '../model/snapshot.ts';
import type { Found, FoundProblem } from './documents.ts';
import { kindKeyOf, knownKind } from './known-kinds.ts';

/** What a value found in a file is: an object, or what is wrong with it and what that leaves unknown. */
export interface Interpreted {
  readonly object?: KubernetesObject;
  readonly findings: readonly InputFinding[];
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
}

/** `serial` makes the names of objects that leave theirs to the API server unique. */
export function interpret(found: Found, at: Position, serial: number): Interpreted {
  if (found.kind === 'problem') return problem(found, at);
  const { value } = found;
  if (!isRecord(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
    return notAnObject(value, at);
  }
  const { apiVersion, kind } = value;
  if (NOT_FOR_A_CLUSTER.test(apiVersion)) return onlyFinding(notForACluster(apiVersion, kind, at));
  const key = kindKey(apiVersion, kind);
  const metadata = value['metadata'] ?? (CONFIGURATION.test(apiVersion) ? { name: kind.toLowerCase() } : undefined);
  const lost = (): Gap => lostObjectGap(key, at, isRecord(metadata) ? metadata['namespace'] : undefined);
  if (kind.endsWith('List') && Array.isArray(value['items'])) return listWithinList(key, at);
  if (!isRecord(metadata)) return broken('SW_NO_NAME', `${kind} has no metadata`, 'Give it metadata.name.', lost(), at);
  const name = nameOf(metadata, serial);
  if (typeof name !== 'string') {
    return broken(
      'SW_NO_NAME',
      `${kind} has no name`,
      'Give it metadata.name, a text: quote numbers and words like yes, on and n.',
      lost(),
      at,
    );
  }
  if (name.includes('{{'))
    return broken('SW_HELM_TEMPLATE', `${kind} ${name} is a template`, RENDER, inTemplate(lost()), at);
  const wrong = wrongMetadata(metadata);
  if (wrong !== undefined) return broken('SW_BAD_LABELS', `${kind} ${name}: ${wrong}`, QUOTE, lost(), at);
  if (!areOwners(metadata['ownerReferences'])) {
    const message = `${kind} ${name}: metadata.ownerReferences is not a list of apiVersion, kind and name`;
    return broken('SW_BAD_LABELS', message, 'Correct the list, or leave it out.', lost(), at);
  }
  if (isMissingItsPod(key, value)) {
    return broken('SW_NO_POD_TEMPLATE', `${kind} ${name} has no pod template with a spec`, PATCH, lost(), at);
  }
  return {
    object: withMetadata(value, metadata, name),
    findings: [],
    gaps: [],
    notes: name === metadata['name'] ? [] : [`${kind} ${name} is named by the API server when it is created`],
  };
}

/** The object with its name, and without the record of who set which field. Nearly every one is as it is written. */
function withMetadata(value: JsonRecord, metadata: JsonRecord, name: string): KubernetesObject {
  if (metadata === value['metadata'] && metadata['name'] === name && metadata['managedFields'] === undefined)
    return value as KubernetesObject;
  const { managedFields: _, ...kept } = metadata;
  return { ...value, metadata: { ...kept, name } } as unknown as KubernetesObject;
}

/** Configuration of Kubernetes' own programs: it is read from files, and has no name. */
const CONFIGURATION = /^(apiserver|kubelet)\.config\.k8s\.io\//;

function nameOf(metadata: JsonRecord, serial: number): unknown {
  const { name, generateName } = metadata;
  const unnamed = name === undefined || name === null || name === '';
  return unnamed ? (typeof generateName === 'string' ? `${generateName}#${serial}` : undefined) : name;
}

const QUOTE = 'The API server takes text only here: put quotes around it.';
const RENDER = 'Render it first and pass the result: helm template CHART | seaworthy verify -f -';

const PATCH =
  'The API server would refuse it. If it is a patch of kustomize, build first: kubectl kustomize DIR | seaworthy verify -f -';

/** A controller without the pod it makes. It must not take the place of a whole one of its name. */
function isMissingItsPod(key: KindKey, value: JsonRecord): boolean {
  return (
    key !== 'Pod' && WORKLOAD_KINDS.includes(key) && podTemplateOf(value as unknown as KubernetesObject) === undefined
  );
}

/** Entries of a List are objects; those of a List that is an entry itself are not looked for. */
function listWithinList(key: KindKey, at: Position): Interpreted {
  const gap = lostObjectGap(key === 'List' ? '*' : key.replace(/List(?=\.|$)/, ''), at);
  return broken(
    'SW_NOT_AN_OBJECT',
    'a List within a List is not read',
    'Put its entries into the outer List.',
    gap,
    at,
  );
}

/** The gap of an object that only rendering brings about: correcting the template is not what helps. */
function inTemplate(gap: Gap): Gap {
  return { ...gap, detail: gap.detail.replace('could not be used', 'stands in a template (Helm)'), remedy: RENDER };
}

/** What the API server would refuse of the parts every analysis relies on. */
function wrongMetadata(metadata: JsonRecord): string | undefined {
  const { namespace } = metadata;
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    return 'metadata.namespace is not a text';
  for (const field of ['labels', 'annotations']) {
    const map = metadata[field];
    if (map === undefined || map === null) continue;
    if (!isRecord(map)) return `metadata.${field} is not a map`;
    for (const key in map) {
      const value = map[key];
      if (typeof value !== 'string' && value !== null)
        return `metadata.${field}.${key} is ${JSON.stringify(value)}, not a text`;
    }
  }
  return undefined;
}

function areOwners(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const names = ['apiVersion', 'kind', 'name'];
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isRecord(one) &&
        // With a name alone it says at least which pods belong together.
        (names.every((field) => typeof one[field] === 'string') ||
          (typeof one['name'] === 'string' && one['apiVersion'] === undefined && one['kind'] === undefined)),
    )
  );
}

/** Files that look like objects and are instructions to a tool instead. */
const NOT_FOR_A_CLUSTER = /^(kustomize\.config\.k8s\.io|kind\.x-k8s\.io|skaffold|kubeadm\.k8s\.io|audit\.k8s\.io)\//;

function notForACluster(apiVersion: string, kind: string, at: Position): InputFinding {
  const isKustomization = apiVersion.startsWith('kustomize.');
  return {
    code: isKustomization ? 'SW_KUSTOMIZATION' : 'SW_NOT_AN_OBJECT',
    message: `${kind} (${apiVersion}) is not an object of a cluster`,
    ...(isKustomization
      ? { hint: 'Build it first and pass the result: kubectl kustomize DIR | seaworthy verify -f -' }
      : {}),
    at,
  };
}

function notAnObject(value: unknown, at: Position): Interpreted {
  const keys = isRecord(value) ? value : {};
  if (isRecord(value) && 'resources' in keys && !('kind' in keys) && Array.isArray(keys['resources'])) {
    return onlyFinding(notForACluster('kustomize.config.k8s.io/v1beta1', 'Kustomization', at));
  }
  if ('apiVersion' in keys && 'name' in keys && 'version' in keys) {
    return onlyFinding({ code: 'SW_HELM_CHART', message: 'this is the description of a Helm chart', hint: RENDER, at });
  }
  if (Array.isArray(value) && value.some((entry) => isRecord(entry) && typeof entry['kind'] === 'string')) {
    const hint = 'Put them into a List: {"apiVersion": "v1", "kind": "List", "items": [...]}.';
    return broken('SW_NOT_AN_OBJECT', 'objects in a bare list are not read', hint, lostObjectGap('*', at), at);
  }
  const missing = isRecord(value) ? ['apiVersion', 'kind'].filter((key) => typeof keys[key] !== 'string') : [];
  const finding: InputFinding = {
    code: 'SW_NOT_AN_OBJECT',
    message:
      missing.length > 0 ? `not a Kubernetes object: it has no ${missing.join(' and no ')}` : 'not a Kubernetes object',
    at,
  };
  // Half an object (a kind without a version) was meant to be one.
  return typeof keys['kind'] === 'string' && isRecord(keys['metadata'])
    ? { findings: [finding], gaps: [lostObjectGap(kindKeyOf(keys['kind']), at)], notes: [] }
    : onlyFinding(finding);
}

function problem(found: FoundProblem, at: Position): Interpreted {
  if (found.code === 'SW_DUPLICATE_KEY') {
    return onlyFinding({ code: found.code, message: `${found.message}; the last one counts`, at });
  }
  const text = found.lost ?? '';
  const template = text.includes('{{') && found.code === 'SW_NOT_YAML';
  const finding: InputFinding = template
    ? { code: 'SW_HELM_TEMPLATE', message: 'this is a template (Helm), not YAML', hint: RENDER, at }
    : { code: found.code, message: found.message, at };
  const lost = sniffedGap(text, at);
  const gap = lost && template ? inTemplate(lost) : lost;
  return { findings: [finding], gaps: gap ? [gap] : [], notes: [] };
}

/** What kind of object a broken text was going to be; undefined when it does not look like one. */
function sniffedGap(text: string, at: Position): Gap | undefined {
  const kinds = [...text.matchAll(/^([ \t]*)(?:- )?\{?\s*"?kind"?\s*:\s*["']?([A-Za-z]\w*)|"kind"\s*:\s*"(\w+)"/gm)];
  const outermost = Math.min(...kinds.map(([, indent]) => indent?.length ?? 0));
  const top = kinds.filter(([, indent]) => (indent?.length ?? 0) === outermost);
  const version = /"?apiVersion"?\s*:\s*["']?([\w./-]+)/.exec(text)?.[1];
  const kind = top[0]?.[2] ?? top[0]?.[3];
  if (kind === undefined) return version === undefined ? undefined : lostObjectGap('*', at);
  if (top.length > 1 || kind.endsWith('List')) return lostObjectGap('*', at);
  const key = version === undefined ? kindKeyOf(kind) : kindKey(version, kind);
  const namespace = /^\s*"?namespace"?\s*:\s*["']?([a-z0-9-]+)["']?\s*,?\s*$/m.exec(text)?.[1];
  return lostObjectGap(key, at, namespace);
}

/** The gap an object leaves that was given but can't be used. Kind `*`: it could have been anything. */
export function lostObjectGap(kind: KindKey, at: Position, namespace?: unknown): Gap {
  const namespaced = knownKind(kind)?.namespaced ?? false;
  return {
    kind,
    ...(namespaced && typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    reason: 'invalid',
    detail:
      kind === '*'
        ? 'an object could not be read, of a kind that is not known'
        : `an object of kind ${kind} could not be used`,
    remedy: 'Correct the document, or leave it out.',
    at,
  };
}

function broken(code: InputFinding['code'], message: string, hint: string, gap: Gap, at: Position): Interpreted {
  return { findings: [{ code, message, hint, at }], gaps: [gap], notes: [] };
}

function onlyFinding(finding: InputFinding): Interpreted {
  return { findings: [finding], gaps: [], notes: [] };
}
