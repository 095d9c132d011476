import { load } from './load.ts';
import { clusterDns } from './cluster-dns.ts';
import { policyAgent } from './policy-agent.ts';
import { shopService } from './shop-service.ts';
import { store } from './store.ts';
import { toolbox } from './toolbox.ts';
import type { LabImage } from './image.ts';

/** Every image of the lab. A name that none of them answers to can't be pulled. */
export const IMAGES: readonly LabImage[] = [shopService, store, load, toolbox, policyAgent, clusterDns];

export interface ImageName {
  /** Without tag and digest, with the registry as written. */
  readonly repository: string;
  /** `latest` when none is written. */
  readonly tag: string;
}

/** Splits `registry:5000/a/b:1.4@sha256:…`. */
export function parseImageName(written: string): ImageName {
  const named = written.split('@')[0] ?? written;
  const colon = named.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  return colon > named.lastIndexOf('/')
    ? { repository: named.slice(0, colon), tag: named.slice(colon + 1) }
    : { repository: named, tag: 'latest' };
}

/** The catalogue's image of a name, or undefined: ErrImagePull. */
export function findImage(written: string): LabImage | undefined {
  const { repository } = parseImageName(written);
  return IMAGES.find((image) =>
    image.repository.endsWith('/*')
      ? repository.startsWith(image.repository.slice(0, -1)) &&
        !repository.slice(image.repository.length - 1).includes('/')
      : image.repository === repository,
  );
}
