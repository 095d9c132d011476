import { namespacePolicies, type Lint } from './define-lint.ts';

/** DaemonSets that carry packets and enforce no policy, and those that enforce. By name, so this is a hint and no proof. */
const CARRIES_ONLY = /^(kube-flannel(-ds)?|flannel)$/;
const ENFORCES =
  /calico|canal|cilium|antrea|kube-router|ovnkube|weave|aws-node|azure-npm|anetd|network-policies|kindnet|policy-agent|romana/;

/** Policies are accepted by every API server, and enforced only where a network plugin does. */
export const cniDoesNotEnforce: Lint = {
  id: 'cni-does-not-enforce',
  title: 'The network plugin enforces no policies',
  severity: 'high',
  *run(input) {
    const names = input.snapshot.list('DaemonSet.apps').map(({ object }) => object.metadata.name);
    const carrier = names.find((name) => CARRIES_ONLY.test(name));
    if (carrier === undefined || names.some((name) => ENFORCES.test(name))) return;
    for (const policy of namespacePolicies(input)) {
      yield {
        policy,
        path: ['metadata', 'name'],
        message: `DaemonSet ${carrier} carries the packets, and nothing that enforces policies was read: this one has no effect`,
        fix: {
          says: 'Prove it with `reach probe --canary`; add an agent that enforces (Calico with flannel is canal).',
        },
      };
    }
  },
};
