import type { Because } from '../../../model/because.ts';
import { at, records, stringMap, strings, text } from '../../../model/json.ts';
import { formatRef, refOf } from '../../../model/object.ts';
import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import type { ProfileName } from './profile.ts';

/**
 * Which implementation a cluster seems to run, from its agents, its kinds and what agents write on nodes. Advice
 * only: what a cluster runs says little about how it is configured, so no verdict rests on it.
 */
export interface ProfileGuess {
  /** Undefined when nothing points to one that has a profile. */
  readonly profile: ProfileName | undefined;
  /** `no` when only networks without enforcement were found, or it is switched off. */
  readonly enforces: 'yes' | 'no' | 'unknown';
  readonly because: readonly Because[];
}

interface Implementation {
  readonly title: string;
  readonly profile: ProfileName | undefined;
  /** Names of its DaemonSets, or values of their `k8s-app` and `app` labels. */
  readonly agents: readonly string[];
  readonly groups: readonly string[];
  /** Prefixes of annotations it writes on nodes. */
  readonly annotations: readonly string[];
  /** Carries packets and leaves policies to others. */
  readonly withoutPolicies?: true;
}

/** Those that only do policies come before the networks they are put on. */
const IMPLEMENTATIONS: readonly Implementation[] = [
  {
    title: 'Calico',
    profile: 'calico',
    agents: ['calico-node', 'canal'],
    groups: ['crd.projectcalico.org'],
    annotations: ['projectcalico.org/'],
  },
  {
    title: 'Cilium',
    profile: 'cilium',
    agents: ['cilium', 'anetd'],
    groups: ['cilium.io'],
    annotations: ['network.cilium.io/'],
  },
  {
    title: 'Antrea',
    profile: 'antrea',
    agents: ['antrea-agent'],
    groups: ['crd.antrea.io'],
    annotations: ['node.antrea.io/'],
  },
  {
    title: 'OVN-Kubernetes',
    profile: 'ovn',
    agents: ['ovnkube-node', 'ovnkube-master'],
    groups: ['k8s.ovn.org'],
    annotations: ['k8s.ovn.org/'],
  },
  {
    title: 'kube-router',
    profile: 'kube-router',
    agents: ['kube-router'],
    groups: [],
    annotations: ['kube-router.io/'],
  },
  {
    title: 'kube-network-policies',
    profile: undefined,
    agents: ['kube-network-policies'],
    groups: [],
    annotations: [],
  },
  { title: 'Azure Network Policy Manager', profile: undefined, agents: ['azure-npm'], groups: [], annotations: [] },
  { title: 'Weave Net', profile: undefined, agents: ['weave-net'], groups: [], annotations: [] },
  { title: 'kindnet', profile: undefined, agents: ['kindnet'], groups: [], annotations: [] },
  { title: 'AWS VPC CNI', profile: 'aws-vpc', agents: ['aws-node'], groups: [], annotations: [] },
  {
    title: 'Flannel',
    profile: undefined,
    agents: ['kube-flannel', 'kube-flannel-ds'],
    groups: [],
    annotations: ['flannel.alpha.coreos.com/'],
    withoutPolicies: true,
  },
];

export function guessProfile(snapshot: Snapshot): ProfileGuess {
  const found = IMPLEMENTATIONS.map((implementation) => ({
    implementation,
    because: traces(snapshot, implementation),
  })).filter(({ because }) => because.length > 0);
  const enforcing = found.filter(({ implementation }) => implementation.withoutPolicies !== true);
  // An agent that runs says more than kinds that may be left over.
  const running = enforcing.find(({ because }) =>
    because.some((reason) => reason.kind === 'field' && reason.path !== 'spec.group'),
  );
  const chosen = running ?? enforcing[0];
  if (!chosen) {
    const [network] = found;
    if (!network) return { profile: undefined, enforces: 'unknown', because: [nothingFound()] };
    const says = `${network.implementation.title} carries packets and enforces no policy, and nothing else was found that does`;
    return {
      profile: undefined,
      enforces: 'no',
      because: [...network.because, { kind: 'absence', of: 'policy agent', says }],
    };
  }
  const off = switchedOff(snapshot, chosen.implementation.title);
  return {
    profile: chosen.implementation.profile,
    enforces: off.length > 0 ? 'no' : 'yes',
    because: [...chosen.because, ...off],
  };
}

function nothingFound(): Because {
  return {
    kind: 'absence',
    of: 'CNI',
    says: 'no DaemonSet, kind or node annotation of a known implementation was read',
  };
}

function traces(snapshot: Snapshot, { title, agents, groups, annotations }: Implementation): readonly Because[] {
  const agent = snapshot.list('DaemonSet.apps').find(({ object }) => {
    const labels = stringMap(object.metadata.labels);
    return [object.metadata.name, labels['k8s-app'], labels['app'], labels['app.kubernetes.io/name']].some(
      (name) => name !== undefined && agents.includes(name),
    );
  });
  const definition = snapshot
    .list('CustomResourceDefinition.apiextensions.k8s.io')
    .find(({ object }) => groups.includes(text(at(object, 'spec', 'group')) ?? ''));
  const node = snapshot
    .list('Node')
    .find(({ object }) =>
      Object.keys(stringMap(object.metadata.annotations)).some((key) =>
        annotations.some((prefix) => key.startsWith(prefix)),
      ),
    );
  const say = (resource: Resource | undefined, path: string, what: string): readonly Because[] =>
    resource === undefined
      ? []
      : [
          {
            kind: 'field',
            object: refOf(resource.object),
            path,
            says: `${formatRef(refOf(resource.object))} ${what} ${title}`,
          },
        ];
  return [
    ...say(agent, 'metadata.name', 'is the agent of'),
    ...say(node, 'metadata.annotations', 'has annotations of'),
    ...say(definition, 'spec.group', 'defines kinds of'),
  ];
}

/** Settings that leave policies without effect. */
function switchedOff(snapshot: Snapshot, title: string): readonly Because[] {
  if (title === 'Cilium') {
    const config = snapshot.list('ConfigMap').find(({ object }) => object.metadata.name === 'cilium-config');
    const data = stringMap(config?.object['data']);
    const off =
      data['enable-policy'] === 'never'
        ? 'enable-policy'
        : data['policy-audit-mode'] === 'true'
          ? 'policy-audit-mode'
          : undefined;
    if (config && off !== undefined)
      return [
        {
          kind: 'field',
          object: refOf(config.object),
          path: `data.${off}`,
          says: `${off} is ${data[off]}: policies are not enforced`,
        },
      ];
  }
  if (title === 'AWS VPC CNI') {
    const agent = snapshot.list('DaemonSet.apps').find(({ object }) => object.metadata.name === 'aws-node');
    const containers = records(at(agent?.object, 'spec', 'template', 'spec', 'containers')).map(
      ([, container]) => container,
    );
    const enforces = containers.some(
      (container) =>
        /^aws-(eks-nodeagent|network-policy-agent)$/.test(text(container['name']) ?? '') &&
        strings(container['args']).includes('--enable-network-policy=true'),
    );
    if (agent && !enforces) {
      const says = 'aws-node has no policy agent with --enable-network-policy=true: policies are not enforced';
      return [{ kind: 'field', object: refOf(agent.object), path: 'spec.template.spec.containers', says }];
    }
  }
  return [];
}
