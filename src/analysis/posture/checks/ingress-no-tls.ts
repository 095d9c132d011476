import { at, isRecord, list, records, stringMap, strings, text } from '../../../model/json.ts';
import type { Resource } from '../../../model/snapshot.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

const INGRESS = 'Ingress.networking.k8s.io';
const GATEWAY = 'Gateway.gateway.networking.k8s.io';

/** Without TLS everybody between the client and the cluster reads and changes what passes. */
export const ingressNoTls = defineCheck({
  id: 'ingress-no-tls',
  title: 'Traffic from outside comes in unencrypted',
  holds: 'Every host that is open to the outside has TLS',
  severity: 'medium',
  examines: objectsOf(INGRESS, GATEWAY),
  frameworks: { nsa: ['network'], attack: ['T1557'], owasp: ['K06'] },
  messages: {
    host: ({ host }: { readonly host: string }) => `${host} is served without TLS`,
    listener: ({ name, port }: { readonly name: string; readonly port: string }) =>
      `listener ${name} on port ${port} takes plain HTTP`,
  },
  *run(resource, report) {
    if (resource.object.kind === 'Gateway') {
      for (const [index, listener] of records(at(resource.object, 'spec', 'listeners'))) {
        if (listener['protocol'] !== 'HTTP') continue;
        const data = { name: text(listener['name']) ?? '', port: String(listener['port']) };
        yield report('listener', data, { resource, path: ['spec', 'listeners', index, 'protocol'] });
      }
      return;
    }
    if (hasCertificateElsewhere(resource)) {
      yield report.notApplicable('an annotation of the load balancer names its certificate');
      return;
    }
    const hosts = tlsHosts(resource);
    for (const [index, rule] of records(at(resource.object, 'spec', 'rules'))) {
      const host = text(rule['host']) ?? '';
      if (hosts === 'all' || hosts.some((covered) => covers(covered, host))) continue;
      yield report('host', { host: host === '' ? 'every host' : host }, { resource, path: ['spec', 'rules', index] });
    }
    const spec = resource.object['spec'];
    if (
      hosts !== 'all' &&
      hosts.length === 0 &&
      isRecord(at(spec, 'defaultBackend')) &&
      list(at(spec, 'rules')).length === 0
    ) {
      yield report('host', { host: 'every host' }, { resource, path: ['spec', 'defaultBackend'] });
    }
  },
});

/** Hosts with a certificate; an entry without hosts is for all of them. */
function tlsHosts(ingress: Resource): readonly string[] | 'all' {
  const entries = records(at(ingress.object, 'spec', 'tls')).map(([, entry]) => strings(entry['hosts']));
  return entries.some((hosts) => hosts.length === 0) ? 'all' : entries.flat();
}

function covers(certificate: string, host: string): boolean {
  if (certificate === host) return true;
  return certificate.startsWith('*.') && host.slice(host.indexOf('.')) === certificate.slice(1);
}

function hasCertificateElsewhere(ingress: Resource): boolean {
  return Object.keys(stringMap(ingress.object.metadata.annotations)).some((key) =>
    /^(alb\.ingress\.kubernetes\.io\/certificate-arn|networking\.gke\.io\/(managed-certificates|pre-shared-cert)|ingress\.gcp\.kubernetes\.io\/pre-shared-cert)$/.test(
      key,
    ),
  );
}
