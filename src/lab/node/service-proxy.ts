import { startInformer, type Informer } from '../client/informer.ts';
import type { ApiClient } from '../client/api-client.ts';
import { networksOf, type NodePlan } from '../network/addresses.ts';
import { applyNft } from '../network/commands.ts';
import { familyOf } from '../network/ip.ts';
import { serviceRules } from '../network/service-rules.ts';

const COALESCE_MS = 25;

/** Keeps the node's Service rules in step with Services and EndpointSlices. Gives the Services it knows. */
export function startServiceProxy(client: ApiClient, plan: NodePlan, signal: AbortSignal): Informer {
  let applied = '';
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void apply();
    }, COALESCE_MS);
  };

  async function apply(): Promise<void> {
    if (running) return changed();
    running = true;
    try {
      const rules = serviceRules({
        services: services.list(),
        slices: slices.list(),
        nodeName: plan.name,
        nodeAddresses: plan.addresses,
        serviceNetworks: networksOf(plan.addresses.map(familyOf)).map(({ services }) => services),
      });
      if (rules !== applied) await applyNft(rules);
      applied = rules;
    } catch (thrown) {
      process.stderr.write(`service rules: ${String(thrown)}\n`);
    } finally {
      running = false;
    }
  }

  const services = startInformer(client, { path: '/api/v1/services', signal, changed });
  const slices = startInformer(client, { path: '/apis/discovery.k8s.io/v1/endpointslices', signal, changed });
  return services;
}
