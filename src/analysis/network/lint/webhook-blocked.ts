import { at, number, records, text } from '../../../model/json.ts';
import { formatRef, refOf } from '../../../model/object.ts';
import { hasPort, PROTOCOLS } from '../ports/ports.ts';
import { servicePorts, serviceTargets } from '../inhabitants/services.ts';
import { add } from './change.ts';
import { isolating, opensTo } from './blocked-port.ts';
import { some, type Lint } from './define-lint.ts';

const CONFIGURATIONS = ['Validating', 'Mutating'].map(
  (kind) => `${kind}WebhookConfiguration.admissionregistration.k8s.io`,
);

/** The API server calls webhooks from a node's address, which no selector of pods or namespaces names. */
export const webhookBlocked: Lint = {
  id: 'webhook-blocked',
  title: 'The API server can not reach a webhook',
  severity: 'high',
  *run(input) {
    const told = new Set<string>();
    for (const { object } of CONFIGURATIONS.flatMap((kind) => input.snapshot.list(kind))) {
      for (const [, webhook] of records(object['webhooks'])) {
        const service = at(webhook, 'clientConfig', 'service');
        const [namespace, name] = [text(at(service, 'namespace')), text(at(service, 'name'))];
        const found = name === undefined ? undefined : input.snapshot.get('Service', namespace, name);
        if (!found) continue;
        const asked = number(at(service, 'port')) ?? 443;
        const entry = servicePorts(found.object).find(({ port }) => port === asked);
        const { backends } = serviceTargets(input.snapshot, input.analysis, found, (port) => port.port === asked);
        for (const { endpoint, ports } of backends) {
          const port = PROTOCOLS.flatMap((protocol) =>
            (ports[protocol] ?? []).map(([from]) => ({ protocol, from })),
          )[0];
          const policies = isolating(input, endpoint);
          const [policy] = policies;
          if (!entry || !port || !policy || endpoint.hostNetwork) continue;
          const fromOutside = opensTo(
            policies,
            endpoint,
            port.protocol,
            port.from,
            ({ term }) => term.kind === 'everyone' || term.kind === 'block',
          );
          const id = `${policy.ref.name} ${endpoint.workload.id} ${port.from}`;
          if (fromOutside || !hasPort(ports, port.protocol, port.from) || told.has(id)) continue;
          told.add(id);
          yield {
            policy,
            path: ['spec', 'ingress'],
            pods: [endpoint],
            message: `${formatRef(refOf(object))} calls ${some([endpoint])} on ${port.from}, and the API server is no pod that a selector names: the call is blocked`,
            fix: {
              says: 'Open the port of the webhook to everyone, or to the addresses of the control plane.',
              changes: [
                add(policy.ref, ['spec', 'ingress', '-'], { ports: [{ protocol: port.protocol, port: port.from }] }),
              ],
            },
          };
        }
      }
    }
  },
};
