import { containerPorts, type ContainerPort } from '../inhabitants/endpoints.ts';
import type { JsonRecord } from '../../../model/json.ts';

/** Sets of named container ports, each with a number. Numbers are only added, so later states of a cluster share the table. */
export interface Signatures {
  /** The number of the named ports of a pod; 0 when there are none. */
  of(spec: JsonRecord): number;
  ports(signature: number): readonly ContainerPort[];
}

export function createSignatures(): Signatures {
  const sets: (readonly ContainerPort[])[] = [[]];
  const known = new Map<string, number>([['', 0]]);
  return {
    of(spec) {
      let key = '';
      let count = 0;
      const ports = containerPorts(spec);
      for (const { name, protocol, port } of ports)
        if (name !== undefined) {
          key += `${count++ === 0 ? '' : ','}${name}/${protocol}/${port}`;
        }
      if (count > 1) key = key.split(',').sort().join();
      let signature = known.get(key);
      if (signature === undefined) {
        known.set(key, (signature = sets.length));
        sets.push(ports.filter(({ name }) => name !== undefined));
      }
      return signature;
    },
    ports: (signature) => sets[signature] ?? [],
  };
}
