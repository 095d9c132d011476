import { at, list } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** Whoever sets externalIPs takes the traffic of that address away from its owner, for the whole cluster (CVE-2020-8554). */
export const serviceExternalIps = defineCheck({
  id: 'service-external-ips',
  title: 'A Service takes over addresses',
  holds: 'The Service takes no address over',
  severity: 'medium',
  examines: objectsOf('Service'),
  frameworks: { cis: ['1.2.3'], nsa: ['network'], attack: ['T1557'], owasp: ['K06'] },
  messages: {
    taken: ({ addresses }: { readonly addresses: string }) =>
      `traffic of the cluster to ${addresses} goes to this Service, whoever the address belongs to`,
  },
  *run(resource, report) {
    const addresses = list(at(resource.object, 'spec', 'externalIPs')).map(String);
    if (addresses.length === 0) return;
    yield report('taken', { addresses: addresses.join(', ') }, { resource, path: ['spec', 'externalIPs'] });
  },
});
