import { at, number, record, records } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** A node port is open on every node, to whoever can reach any of them. */
export const serviceNodeport = defineCheck({
  id: 'service-nodeport',
  title: 'A Service is open on every node',
  holds: 'The Service takes no port of the nodes',
  severity: 'medium',
  examines: objectsOf('Service'),
  frameworks: { nsa: ['network'], attack: ['T1133'], owasp: ['K06'] },
  messages: {
    open: ({ ports }: { readonly ports: string }) => `the Service is open on ${ports} of every node`,
  },
  *run(resource, report) {
    if (at(resource.object, 'spec', 'type') !== 'NodePort') return;
    const ports = records(record(resource.object['spec'])['ports']).flatMap(
      ([, port]) => number(port['nodePort']) ?? [],
    );
    const says = ports.length === 0 ? 'a port' : `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
    yield report('open', { ports: says }, { resource, path: ['spec', 'type'] });
  },
});
