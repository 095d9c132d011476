import { chownSync, chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { at, isRecord, number, record, records, strings, text, type JsonRecord } from '../../model/json.ts';
import { fieldValue, type EnvironmentSources } from './environment.ts';
import type { Mount } from './container-script.ts';

/** What volumes are filled from. */
export interface VolumeSources extends EnvironmentSources {
  /** Bytes of a ConfigMap or Secret by key; undefined when there is none. */
  readonly filesOf: (kind: 'ConfigMap' | 'Secret', name: string) => Readonly<Record<string, Buffer>> | undefined;
  /** A token of the pod's service account for an audience (`''` is the API server's own). */
  readonly token: (audience: string, expirationSeconds: number) => Promise<string>;
  /** What the node calls its own root: a directory of the lab, never the machine's. */
  readonly hostRoot: string;
  /** The claims' directories: one for each PersistentVolumeClaim, kept while the node lives. */
  readonly claimDirectory: (claim: string) => string;
}

export type VolumeResult =
  | { readonly kind: 'ok'; readonly directory: string }
  | { readonly kind: 'failed'; readonly reason: 'FailedMount'; readonly message: string };

interface Owner {
  readonly fsGroup: number | undefined;
}

/** Makes one volume's directory with its content. Repeating it refreshes the content. */
export async function prepareVolume(
  volume: JsonRecord,
  directory: string,
  sources: VolumeSources,
): Promise<VolumeResult> {
  const owner: Owner = { fsGroup: number(at(sources.pod, 'spec', 'securityContext', 'fsGroup')) };
  const failed = (message: string): VolumeResult => ({ kind: 'failed', reason: 'FailedMount', message });
  if (isRecord(volume['hostPath'])) return hostPath(volume['hostPath'], sources.hostRoot);
  if (isRecord(volume['persistentVolumeClaim'])) {
    const claim = sources.claimDirectory(text(volume['persistentVolumeClaim']['claimName']) ?? '');
    mkdirSync(claim, { recursive: true });
    own(claim, 0o777, owner);
    return { kind: 'ok', directory: claim };
  }
  mkdirSync(directory, { recursive: true });
  if (volume['emptyDir'] !== undefined || sourceOf(volume) === undefined) {
    own(directory, 0o777, owner);
    return { kind: 'ok', directory };
  }
  const parts = isRecord(volume['projected'])
    ? records(volume['projected']['sources']).map(([, part]) => part)
    : [volume];
  const mode = number(at(volume, sourceOf(volume) ?? '', 'defaultMode')) ?? 0o644;
  for (const part of parts) {
    const files = await filesOf(part, sources);
    if (files.kind === 'failed') return failed(files.message);
    for (const file of files.files) writeFile(directory, file, mode, owner);
  }
  own(directory, 0o755, owner);
  return { kind: 'ok', directory };
}

const KNOWN = [
  'configMap',
  'secret',
  'projected',
  'downwardAPI',
  'emptyDir',
  'hostPath',
  'persistentVolumeClaim',
] as const;

function sourceOf(volume: JsonRecord): string | undefined {
  return KNOWN.find((name) => volume[name] !== undefined) ?? Object.keys(volume).find((key) => key !== 'name');
}

interface VolumeFile {
  readonly path: string;
  readonly content: Buffer | string;
  readonly mode: number | undefined;
}

type Files =
  | { readonly kind: 'ok'; readonly files: readonly VolumeFile[] }
  | { readonly kind: 'failed'; readonly message: string };

async function filesOf(part: JsonRecord, sources: VolumeSources): Promise<Files> {
  for (const [field, kind] of [
    ['configMap', 'ConfigMap'],
    ['secret', 'Secret'],
  ] as const) {
    if (!isRecord(part[field])) continue;
    const reference = part[field];
    const name = text(reference['name']) ?? text(reference['secretName']) ?? '';
    const data = sources.filesOf(kind, name);
    if (!data) {
      return reference['optional'] === true
        ? { kind: 'ok', files: [] }
        : { kind: 'failed', message: `${kind.toLowerCase()} "${name}" not found` };
    }
    return selected(reference, data, `${kind} ${name}`);
  }
  if (isRecord(part['serviceAccountToken'])) {
    const wanted = part['serviceAccountToken'];
    const token = await sources.token(text(wanted['audience']) ?? '', number(wanted['expirationSeconds']) ?? 3_600);
    return { kind: 'ok', files: [{ path: text(wanted['path']) ?? 'token', content: token, mode: undefined }] };
  }
  if (isRecord(part['downwardAPI'])) {
    const files = records(part['downwardAPI']['items']).map(([, item]) => ({
      path: text(item['path']) ?? '',
      content: fieldValue(text(at(item, 'fieldRef', 'fieldPath')) ?? '', sources),
      mode: number(item['mode']),
    }));
    return { kind: 'ok', files };
  }
  return { kind: 'failed', message: `the lab has no volume of kind ${sourceOf(part) ?? 'unknown'}` };
}

/** All keys under their own names, or only `items`, under the paths they name. */
function selected(reference: JsonRecord, data: Readonly<Record<string, Buffer>>, what: string): Files {
  if (!Array.isArray(reference['items'])) {
    return { kind: 'ok', files: Object.entries(data).map(([path, content]) => ({ path, content, mode: undefined })) };
  }
  const files: VolumeFile[] = [];
  for (const [, item] of records(reference['items'])) {
    const key = text(item['key']) ?? '';
    const content = data[key];
    if (content === undefined) {
      if (reference['optional'] === true) continue;
      return { kind: 'failed', message: `${what} has no key ${key}` };
    }
    files.push({ path: text(item['path']) ?? key, content, mode: number(item['mode']) });
  }
  return { kind: 'ok', files };
}

function writeFile(directory: string, file: VolumeFile, defaultMode: number, owner: Owner): void {
  const path = join(directory, normalize(`/${file.path}`));
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, file.content);
  // With an fsGroup its members can read, as the kubelet has it.
  const mode = file.mode ?? defaultMode;
  own(path, owner.fsGroup === undefined ? mode : mode | 0o040, owner);
}

function own(path: string, mode: number, owner: Owner): void {
  chmodSync(path, owner.fsGroup === undefined ? mode : lstatSync(path).isDirectory() ? mode | 0o2070 : mode);
  if (owner.fsGroup !== undefined) chownSync(path, 0, owner.fsGroup);
}

/** A path of the node: inside the directory that is its root, whatever links pods have left there. */
function hostPath(source: JsonRecord, hostRoot: string): VolumeResult {
  const path = join(hostRoot, normalize(`/${text(source['path']) ?? ''}`));
  const type = text(source['type']) ?? '';
  const failed = (message: string): VolumeResult => ({ kind: 'failed', reason: 'FailedMount', message });
  if (!existsSync(path)) {
    if (type !== '' && !type.endsWith('OrCreate'))
      return failed(`hostPath type check failed: ${text(source['path'])} is not there`);
    if (type === 'FileOrCreate') writeFileSync(path, '');
    else mkdirSync(path, { recursive: true });
  }
  const real = realpathSync(path);
  const root = realpathSync(hostRoot);
  return real === root || real.startsWith(`${root}/`)
    ? { kind: 'ok', directory: real }
    : failed(`${text(source['path'])} leads out of the node`);
}

/** The mounts of one container, in the order they are to be made; `volumes` maps names to their directories. */
export function mountsOf(
  container: JsonRecord,
  volumes: ReadonlyMap<string, string>,
  readOnlyVolumes: ReadonlySet<string>,
  expandSubPath: (written: string) => string,
): readonly Mount[] {
  return records(container['volumeMounts'])
    .flatMap(([, mount]): readonly Mount[] => {
      const name = text(mount['name']) ?? '';
      const directory = volumes.get(name);
      const target = normalize(`/${text(mount['mountPath']) ?? ''}`).replace(/\/$/, '');
      if (directory === undefined || target === '') return [];
      const sub = text(mount['subPath']) ?? expandSubPath(text(mount['subPathExpr']) ?? '');
      const source = sub === '' ? directory : join(directory, normalize(`/${sub}`));
      if (!existsSync(source)) mkdirSync(source, { recursive: true });
      return [{ source, target, readOnly: mount['readOnly'] === true || readOnlyVolumes.has(name) }];
    })
    .sort((a, b) => a.target.length - b.target.length);
}

/** Volumes that no container may write to, whatever its mount says. */
export function readOnlyVolumesOf(podSpec: JsonRecord): ReadonlySet<string> {
  const fixed = records(podSpec['volumes']).filter(([, volume]) =>
    ['configMap', 'secret', 'projected', 'downwardAPI'].some((kind) => volume[kind] !== undefined),
  );
  return new Set(fixed.flatMap(([, volume]) => text(volume['name']) ?? []));
}

/** ConfigMaps and Secrets a pod needs before it can start, each once. */
export function referencesOf(
  podSpec: JsonRecord,
): readonly { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[] {
  const found = new Map<string, { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }>();
  const note = (kind: 'ConfigMap' | 'Secret', name: unknown): void => {
    if (typeof name === 'string') found.set(`${kind}/${name}`, { kind, name });
  };
  const sources = records(podSpec['volumes']).flatMap(([, volume]) => [
    volume,
    ...records(at(volume, 'projected', 'sources')).map(([, s]) => s),
  ]);
  for (const source of sources) {
    note('ConfigMap', at(source, 'configMap', 'name'));
    note('Secret', at(source, 'secret', 'secretName') ?? at(source, 'secret', 'name'));
  }
  for (const field of ['initContainers', 'containers']) {
    for (const [, container] of records(podSpec[field])) {
      for (const [, from] of records(container['envFrom'])) {
        note('ConfigMap', at(from, 'configMapRef', 'name'));
        note('Secret', at(from, 'secretRef', 'name'));
      }
      for (const [, entry] of records(container['env'])) {
        note('ConfigMap', at(entry, 'valueFrom', 'configMapKeyRef', 'name'));
        note('Secret', at(entry, 'valueFrom', 'secretKeyRef', 'name'));
      }
    }
  }
  return [...found.values()];
}

/** Command and arguments as the kubelet joins an image's with a container's. */
export function commandOf(
  container: JsonRecord,
  image: { readonly entrypoint: readonly string[]; readonly command: readonly string[] },
): readonly string[] {
  const command = strings(container['command']);
  const args = strings(container['args']);
  if (command.length > 0) return [...command, ...args];
  return [...image.entrypoint, ...(args.length > 0 ? args : image.command)];
}

/** The same keys as text. */
export const dataAsText = (data: Readonly<Record<string, Buffer>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, bytes]) => [key, bytes.toString()]));

/** The bytes of a ConfigMap's or Secret's keys. */
export function dataOfObject(object: JsonRecord): Readonly<Record<string, Buffer>> {
  const secret = object['kind'] === 'Secret';
  const plain = Object.entries(record(object['data'])).map(
    ([key, value]) => [key, Buffer.from(text(value) ?? '', secret ? 'base64' : 'utf8')] as const,
  );
  const binary = Object.entries(record(object['binaryData'])).map(
    ([key, value]) => [key, Buffer.from(text(value) ?? '', 'base64')] as const,
  );
  return Object.fromEntries([...plain, ...binary]);
}
