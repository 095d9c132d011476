import { SeaworthyError } from '../model/errors.ts';
import type { KubernetesObject } from '../model/object.ts';
import {
  createSnapshot,
  type Gap,
  type InputFinding,
  type KubernetesVersion,
  type Origin,
  type Snapshot,
} from '../model/snapshot.ts';
import { readDocuments } from './documents.ts';
import { interpret, lostObjectGap, type Interpreted } from './interpret.ts';
import { listInputFiles, readInput } from './input-files.ts';
import { locator, type Place } from './manifest-positions.ts';
import { scopesOf, withNamespace } from './namespaces.ts';

/** How manifests are read. */
export interface ManifestOptions {
  /** Namespace of namespaced objects that name none; `default` when absent. */
  readonly namespace?: string;
  readonly kubernetesVersion?: KubernetesVersion;
  /** Read for the input `-`. */
  readonly stdin?: AsyncIterable<unknown>;
  /** Directory relative paths start from; the process's own when absent. */
  readonly cwd?: string;
}

/**
 * Reads manifests from files, directories (recursively) and standard input (`-`): YAML and JSON, many documents,
 * Lists. What is broken becomes a finding with its position, and a gap where an object was lost; the rest is read.
 * Throws SW_FILE_NOT_FOUND for a path that is not there, SW_CANNOT_READ when no file given can be read and SW_NOTHING_TO_READ when
 * there is nothing at all.
 */
export async function readManifests(inputs: readonly string[], options: ManifestOptions = {}): Promise<Snapshot> {
  const files = await listInputFiles(inputs, options.cwd ?? process.cwd());
  const objects: { readonly object: KubernetesObject; readonly origin: Origin; readonly place: Place }[] = [];
  const findings: InputFinding[] = [];
  const gaps: Gap[] = [];
  const notes: string[] = [];
  for (const input of files) {
    const content = await readInput(input, options.stdin);
    if (content.kind === 'unreadable') {
      const message = `${nameOf(input.file)} can't be read: ${content.because}`;
      const at = { file: input.file };
      findings.push({ code: 'SW_CANNOT_READ', message, at });
      gaps.push({ ...lostObjectGap('*', at), detail: `it can't be read: ${content.because}`, remedy: READABLE });
      continue;
    }
    for (const found of readDocuments(content.bytes)) {
      const at = { file: input.file, line: found.line, column: found.column };
      const read: Interpreted = interpret(found, at, objects.length);
      findings.push(...read.findings);
      gaps.push(...read.gaps);
      notes.push(...read.notes);
      if (!read.object || found.kind !== 'value') continue;
      const origin = {
        ...at,
        document: found.slice.document,
        ...(found.item === undefined ? {} : { item: found.item }),
      };
      objects.push({
        object: read.object,
        origin,
        place: { source: content.source, slice: found.slice, path: found.path },
      });
    }
    if (content.source.kind === 'disk') release(content.bytes);
  }
  if (objects.length === 0) failWithNothing(inputs, findings);
  const scopes = scopesOf(objects.map(({ object }) => object));
  const places = new Map<KubernetesObject, Place>();
  const resources = objects.map(({ object, origin, place }) => {
    const filed = withNamespace(object, scopes, options.namespace ?? 'default');
    places.set(filed, place);
    return { object: filed, origin };
  });
  return createSnapshot({
    source: { kind: 'files', description: inputs.join(', ') },
    resources,
    ...(options.kubernetesVersion ? { kubernetesVersion: options.kubernetesVersion } : {}),
    findings,
    gaps,
    notes,
    locate: locator((resource) => places.get(resource.object)),
  });
}

/**
 * Gives the memory of a large file back at once: the collector, which doesn't count it, would leave it for long. Small ones
 * may stand in the pool that all Buffers share.
 */
function release({ buffer, length }: Buffer): void {
  if (length > 1 << 20 && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

const READABLE = 'Make it readable, or leave it out.';

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Throws where there was no text at all to find an object in. */
function failWithNothing(inputs: readonly string[], findings: readonly InputFinding[]): void {
  const [first] = findings;
  if (!first) {
    throw new SeaworthyError('SW_NOTHING_TO_READ', `there is no manifest in ${inputs.map(nameOf).join(', ')}`, {
      hint: 'Directories are searched for .yaml, .yml and .json files; a file named directly may have any name.',
    });
  }
  if (findings.every(({ code }) => code === 'SW_CANNOT_READ'))
    throw new SeaworthyError('SW_CANNOT_READ', first.message, { hint: READABLE });
}
