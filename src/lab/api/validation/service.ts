import { list, record, records, stringMap, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import { duplicate, invalidValue, required } from './causes.ts';
import { dnsLabel, labels, portName, portNumber } from './names.ts';
import { oneOf } from './pod.ts';

/** Source: pkg/apis/core/validation ValidateService. */
export function validateService(service: KubernetesObject): readonly Cause[] {
  const spec = record(service['spec']);
  const ports = list(spec['ports']);
  const headless = spec['clusterIP'] === 'None';
  const causes: Cause[] = [];
  if (ports.length === 0 && !headless && spec['type'] !== 'ExternalName') causes.push(required('spec.ports'));
  const seenNames = new Set<unknown>();
  const seenPorts = new Set<string>();
  for (const [index, port] of records(ports)) {
    const field = `spec.ports[${index}]`;
    const name = text(port['name']) ?? '';
    if (name === '') {
      if (ports.length > 1) causes.push(required(`${field}.name`));
    } else {
      causes.push(...dnsLabel(`${field}.name`, name));
      if (seenNames.has(name)) causes.push(duplicate(`${field}.name`, name));
      seenNames.add(name);
    }
    causes.push(...portNumber(`${field}.port`, port['port']));
    causes.push(...oneOf(`${field}.protocol`, port['protocol'], ['SCTP', 'TCP', 'UDP']));
    const target = port['targetPort'];
    if (typeof target === 'number' && target !== port['port'])
      causes.push(...portNumber(`${field}.targetPort`, target));
    if (typeof target === 'string') causes.push(...portName(`${field}.targetPort`, target));
    const key = `${String(port['protocol'])}/${String(port['port'])}`;
    if (seenPorts.has(key)) causes.push(duplicate(field, { port: port['port'], protocol: port['protocol'] }));
    seenPorts.add(key);
  }
  causes.push(...labels('spec.selector', stringMap(spec['selector'])));
  causes.push(...oneOf('spec.sessionAffinity', spec['sessionAffinity'], ['ClientIP', 'None']));
  causes.push(...oneOf('spec.type', spec['type'], ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']));
  if (spec['type'] === 'ExternalName' && !text(spec['externalName'])) causes.push(required('spec.externalName'));
  if (headless && (spec['type'] === 'NodePort' || spec['type'] === 'LoadBalancer')) {
    causes.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec['type']} services`));
  }
  return causes;
}
