import { at, stringMap } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { derived, nameOf, type Derivation } from './derivation.ts';

/** Somebody who makes a Service wants it to lead somewhere. */
export const services: Derivation = {
  id: 'services',
  from: 'Service',
  title: 'A Service has a pod behind each of its ports',
  derive: ({ snapshot }) =>
    snapshot
      .list('Service')
      .filter(
        ({ object }) =>
          at(object, 'spec', 'type') !== 'ExternalName' &&
          Object.keys(stringMap(at(object, 'spec', 'selector'))).length > 0,
      )
      .map(({ object }) => {
        const { name, namespace = 'default' } = object.metadata;
        return derived(
          {
            name: nameOf('service', name),
            namespace,
            severity: 'medium',
            from: [refOf(object)],
            rationale:
              'A Service whose selector or target port matches no pod refuses every connection, whatever runs behind it.',
          },
          { kind: 'steadyState', spec: { probe: { endpoints: { service: name, atLeast: 1 } }, window: '10s' } },
        );
      }),
};
