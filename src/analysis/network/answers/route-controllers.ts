import { at, record, records, text } from '../../../model/json.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { NetworkWorkload } from '../inhabitants/endpoints.ts';
import type { Route } from '../inhabitants/routes.ts';

/** Images of controllers whose pods hand on what comes in, by family; those that only set up a load balancer are not among them. */
const CONTROLLERS: Readonly<Record<string, RegExp>> = {
  nginx: /(^|\/)(ingress-nginx\/controller(-chroot)?|nginx-ingress-controller|nginx-ingress)(:|@|$)/,
  traefik: /(^|\/)traefik(:|@|$)/,
  haproxy: /(^|\/)(haproxy-ingress|kubernetes-ingress)(:|@|$)/,
  kong: /(^|\/)kong(:|@|$)/,
};
const OPENSHIFT_ROUTER = /(^|\/)origin-haproxy-router(:|@|$)/;
/** Pods that serve a Gateway have its name in this label (gateway-api, GEP-1762). */
const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** The workloads that serve a route, as far as images, labels and classes tell; none when nothing does. */
export function controllersOf(
  snapshot: Snapshot,
  workloads: readonly NetworkWorkload[],
  { resource: { object }, ref }: Route,
): readonly NetworkWorkload[] {
  if (ref.kind === 'Route') return workloads.filter((workload) => runs(workload, OPENSHIFT_ROUTER));
  if (ref.kind === 'Ingress') {
    const asked = className(snapshot, record(object['spec']), object.metadata.annotations ?? {});
    const families = Object.entries(CONTROLLERS).filter(([family]) => asked === undefined || asked.includes(family));
    return workloads.filter((workload) => families.some(([, image]) => runs(workload, image)));
  }
  const gateways = records(at(object, 'spec', 'parentRefs')).map(
    ([, parent]) => `${text(parent['namespace']) ?? ref.namespace ?? 'default'}/${text(parent['name']) ?? ''}`,
  );
  return workloads.filter(({ namespace, endpoints: [pod] }) =>
    gateways.includes(`${namespace}/${pod?.labels[GATEWAY_NAME] ?? ''}`),
  );
}

/** What an Ingress says of who is to serve it: its class and the controller of that class; undefined when nothing does. */
function className(
  snapshot: Snapshot,
  spec: ReturnType<typeof record>,
  annotations: Readonly<Record<string, unknown>>,
): string | undefined {
  const name = text(spec['ingressClassName']) ?? text(annotations['kubernetes.io/ingress.class']);
  if (name === undefined) return undefined;
  const controller = at(snapshot.get('IngressClass.networking.k8s.io', undefined, name)?.object, 'spec', 'controller');
  return `${name} ${text(controller) ?? ''}`.toLowerCase();
}

function runs({ endpoints }: NetworkWorkload, image: RegExp): boolean {
  return records(endpoints[0]?.spec['containers']).some(([, container]) => image.test(text(container['image']) ?? ''));
}
