import type { KubernetesObject } from '../../../model/object.ts';
import defaults from './objects.json' with { type: 'json' };

/**
 * The roles and bindings every API server creates at its start and puts back when they are gone (Kubernetes 1.36, feature
 * gates at their defaults). From the Kubernetes sources, Apache-2.0; written by scripts/update-default-roles.ts.
 */
export const DEFAULT_OBJECTS: readonly KubernetesObject[] = defaults.objects;
