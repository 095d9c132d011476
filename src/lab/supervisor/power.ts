import { startInformer } from '../client/informer.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { LabNode } from './nodes.ts';

/** Annotation of a Node: `off` pulls its plug, anything else or none lets it run. */
export const POWER_ANNOTATION = 'lab.seaworthy.dev/power';

/** Makes the loss of a node, and its return, a thing one can do through the API alone. */
export function followPower(client: ApiClient, nodes: ReadonlyMap<string, LabNode>): void {
  const informer = startInformer(client, {
    path: '/api/v1/nodes',
    signal: new AbortController().signal,
    changed: () => {
      for (const object of informer.list()) {
        const node = nodes.get(object.metadata.name);
        const off = object.metadata.annotations?.[POWER_ANNOTATION] === 'off';
        if (node && off === node.isOn()) void (off ? node.powerOff() : node.powerOn());
      }
    },
  });
}
