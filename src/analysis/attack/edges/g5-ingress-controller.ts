import { actions } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { hopInto, servicesReached } from './a3-open-service.ts';

export const ingressController = defineEdge({
  id: 'G5',
  title: 'an ingress controller whose admission webhook runs code that comes with an Ingress',
  technique: ['T1190'],
  cost: 2,
  from: ['Reach', ...actions(['create', 'update', 'patch'], ['ingresses.networking.k8s.io'])],
  *hops(from, world) {
    if (from.kind === 'Reach') yield* servicesReached('G5', from, world);
    else
      for (const service of world.targets.services) if (service.program.edge === 'G5') yield* hopInto(service, world);
  },
  fix: 'Update ingress-nginx to 1.11.5, 1.12.1 or newer; let only the API server reach its webhook.',
  prove: 'Compare the version of the image; open one connection to the webhook and send nothing.',
});
