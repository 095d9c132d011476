import { PROTOCOLS } from '../ports/ports.ts';
import { routeBackends } from '../inhabitants/route-backends.ts';
import { readRoutes } from '../inhabitants/routes.ts';
import { formatRef } from '../../../model/object.ts';
import { add } from './change.ts';
import { isolating, opensTo } from './blocked-port.ts';
import { some, type Lint, type LintInput } from './define-lint.ts';
import { podIndex } from './pod-index.ts';

const CONTROLLERS =
  /^(ingress-nginx|nginx-ingress|traefik|haproxy-ingress|kubernetes-ingress|contour|envoy|emissary-ingress|kong|istio-ingressgateway|router)$/;

/** A route whose backend lets nobody of another namespace in ends in a time-out: the controller is in one. */
export const ingressControllerBlocked: Lint = {
  id: 'ingress-controller-blocked',
  title: 'The controller of a route can not reach the pods behind it',
  severity: 'high',
  *run(input) {
    const controllers = namespacesOfControllers(input);
    const told = new Set<string>();
    for (const route of readRoutes(input.snapshot)) {
      for (const { endpoint, ports } of routeBackends(input.snapshot, input.analysis, route)) {
        const port = PROTOCOLS.flatMap((protocol) => (ports[protocol] ?? []).map(([from]) => ({ protocol, from })))[0];
        const policies = isolating(input, endpoint);
        const [policy] = policies;
        const id = `${policy?.ref.name} ${endpoint.workload.id} ${port?.from}`;
        if (!policy || !port || told.has(id)) continue;
        const open = opensTo(policies, endpoint, port.protocol, port.from, ({ term }) => {
          if (term.kind === 'everyone' || term.kind === 'block') return true;
          if (term.kind !== 'pods') return false;
          const picked = podIndex(input.analysis).select(term.namespaces, term.pods);
          return controllers.length > 0
            ? picked.some(({ workload }) => controllers.includes(workload.namespace))
            : term.namespaces.kind === 'labels';
        });
        if (open) continue;
        told.add(id);
        const namespace = controllers[0] ?? 'ingress-nginx';
        yield {
          policy,
          path: ['spec', 'ingress'],
          pods: [endpoint],
          message: `${formatRef(route.ref)} leads to ${some([endpoint])} on ${port.from}, and ${controllers.length > 0 ? `its controller in ${controllers.join(', ')}` : 'no pod of another namespace'} may reach it`,
          fix: {
            says: `Let the namespace of the controller in${controllers.length > 0 ? '' : ' (its name is not known here: ingress-nginx stands for it)'}.`,
            changes: [
              add(policy.ref, ['spec', 'ingress', '-'], {
                from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
                ports: [{ protocol: port.protocol, port: port.from }],
              }),
            ],
          },
        };
      }
    }
  },
};

function namespacesOfControllers({ analysis }: LintInput): readonly string[] {
  const pods = podIndex(analysis).all.filter(({ labels }) =>
    [labels['app.kubernetes.io/name'], labels['app'], labels['istio']].some((name) => CONTROLLERS.test(name ?? '')),
  );
  return [...new Set(pods.map(({ workload }) => workload.namespace))].filter((name) => name !== '').sort();
}
