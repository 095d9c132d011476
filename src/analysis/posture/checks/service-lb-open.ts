import { at, list, stringMap } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** Annotations with which clouds keep a load balancer off the internet, and what each says then. */
const INTERNAL: Readonly<Record<string, RegExp>> = {
  'service.beta.kubernetes.io/aws-load-balancer-internal': /^(true|0\.0\.0\.0\/0)$/,
  'service.beta.kubernetes.io/aws-load-balancer-scheme': /^internal$/,
  'service.beta.kubernetes.io/azure-load-balancer-internal': /^true$/,
  'networking.gke.io/load-balancer-type': /^internal$/i,
  'cloud.google.com/load-balancer-type': /^internal$/i,
  'service.beta.kubernetes.io/oci-load-balancer-internal': /^true$/,
  'service.beta.kubernetes.io/openstack-internal-load-balancer': /^true$/,
};

/** A load balancer without source ranges takes connections from wherever it can be reached, mostly the internet. */
export const serviceLbOpen = defineCheck({
  id: 'service-lb-open',
  title: 'A load balancer admits everybody',
  holds: 'The Service is no load balancer, or says whom it admits',
  severity: 'high',
  examines: objectsOf('Service'),
  frameworks: { nsa: ['network'], attack: ['T1133', 'T1190'], owasp: ['K06'] },
  messages: {
    open: () => 'the load balancer names no source ranges: whoever reaches its address is admitted',
    everywhere: ({ range }: { readonly range: string }) => `the load balancer admits ${range}, which is everybody`,
  },
  *run(resource, report) {
    if (at(resource.object, 'spec', 'type') !== 'LoadBalancer') return;
    const annotations = stringMap(resource.object.metadata.annotations);
    const internal = Object.entries(INTERNAL).find(([key, value]) => value.test(annotations[key] ?? ''));
    if (internal) {
      yield report.notApplicable(`the load balancer is internal: ${internal[0]}`);
      return;
    }
    const written = list(at(resource.object, 'spec', 'loadBalancerSourceRanges'));
    const legacy = annotations['service.beta.kubernetes.io/load-balancer-source-ranges'] ?? '';
    const ranges = written.length > 0 ? written.map(String) : legacy.split(',').filter((range) => range.trim() !== '');
    const everybody = ranges.find((range) => /^\s*(0\.0\.0\.0|::)\/0\s*$/.test(range));
    if (ranges.length === 0) yield report('open', undefined, { resource, path: ['spec', 'type'] });
    else if (everybody !== undefined) {
      yield report('everywhere', { range: everybody.trim() }, { resource, path: ['spec', 'loadBalancerSourceRanges'] });
    }
  },
});
