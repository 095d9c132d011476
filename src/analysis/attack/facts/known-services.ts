import { records, strings, text } from '../../../model/json.ts';
import type { ContainerEntry } from '../../../model/pods.ts';
import { PROGRAMS, type Program } from './open-programs.ts';
import type { PodUnit } from './pod-units.ts';

/** A program that gives whoever reaches its port what it holds, as its image and its arguments say. */
export interface KnownService {
  readonly unit: PodUnit;
  readonly container: string;
  readonly port: number;
  readonly program: Program;
  /** It listens on loopback only: who shares the network namespace of the pod gets there, and nobody else. */
  readonly onLoopback: boolean;
  /** The image, from the pod's spec. */
  readonly path: readonly (string | number)[];
}

const ANY = new RegExp(PROGRAMS.map(({ image }) => image.source).join('|'));

/** Every known open service of the pods. Images are compared first: most pods have none of these. */
export function knownServices(units: readonly PodUnit[]): readonly KnownService[] {
  return units.flatMap((unit) =>
    records(unit.spec['containers']).some(([, container]) => ANY.test(text(container['image']) ?? ''))
      ? unit.containers.flatMap(({ entry, state }) => (state === 'running' ? servicesIn(unit, entry) : []))
      : [],
  );
}

function servicesIn(unit: PodUnit, { name, container, path }: ContainerEntry): readonly KnownService[] {
  const image = text(container['image']) ?? '';
  const words = [...strings(container['command']), ...strings(container['args'])].flatMap((word) => word.split(/\s+/));
  const env = (wanted: string): string | undefined => {
    const found = records(container['env']).find(([, one]) => one['name'] === wanted)?.[1];
    return found && text(found['value']);
  };
  const mounts = records(container['volumeMounts']).map(([, mount]) => text(mount['mountPath']) ?? '');
  return PROGRAMS.flatMap((program): readonly KnownService[] => {
    if (!program.image.test(image) || (program.namespace ?? unit.namespace) !== unit.namespace) return [];
    const listens = program.listens({ words, image, env, mounts });
    if (listens === undefined) return [];
    const onLoopback = listens === 'loopback';
    return [{ unit, container: name, port: program.port, program, onLoopback, path: [...path, 'image'] }];
  });
}
