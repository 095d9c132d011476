import type { ClaimInput } from '../../src/claims/schema/claim.ts';
import type { ExperimentInput } from '../../src/experiments/schema.ts';
import type { EvidenceLevel, Verdict } from '../../src/model/because.ts';
import { GUESTS, SHOP } from './shop.ts';

const apiVersion = 'seaworthy.dev/v1alpha1';

/** A claim about the shop, and what each level of evidence must say of it: predicted, then seen. */
export interface Belief {
  readonly spec: ClaimInput['spec'];
  readonly expected: Readonly<Partial<Record<EvidenceLevel, Verdict>>>;
}

const pods = (app: string) => ({ pods: { matchLabels: { app } }, namespaces: [app === 'guest' ? GUESTS : SHOP] });
const http = (app: string) => ({ ...pods(app), ports: [{ port: 8080, protocol: 'TCP' as const }] });
const guest = { kind: 'ServiceAccount' as const, name: 'guest', namespace: GUESTS };
const may = (resource: string) => ({
  access: { subjects: [guest], verbs: ['list'], resources: [resource], namespaces: [SHOP], expect: 'denied' as const },
});

/** By name of the claim. */
export const BELIEFS: Readonly<Record<string, Belief>> = {
  'gateway-reaches-orders': {
    spec: { reach: { from: pods('gateway'), to: http('orders'), expect: 'allowed' } },
    expected: { analysed: 'holds', observed: 'holds' },
  },
  'guests-cannot-reach-the-store': {
    spec: { reach: { from: pods('guest'), to: http('store'), expect: 'denied' } },
    expected: { analysed: 'holds', observed: 'holds', proven: 'holds' },
  },
  'guests-cannot-reach-the-ledger': {
    spec: { reach: { from: pods('guest'), to: http('ledger'), expect: 'denied' } },
    expected: { analysed: 'violated', observed: 'violated' },
  },
  'guests-are-served': {
    spec: {
      steadyState: {
        probe: { http: { from: pods('guest'), url: `http://gateway.${SHOP}.svc.cluster.local:8080/` } },
        tolerance: { status: 200, within: '2s', successRatio: 0.6 },
        window: '10s',
      },
    },
    expected: { observed: 'holds', proven: 'holds' },
  },
  'guests-cannot-list-secrets': {
    spec: may('secrets'),
    expected: { analysed: 'holds', observed: 'holds' },
  },
  'guests-cannot-list-pods': {
    spec: may('pods'),
    expected: { analysed: 'violated', observed: 'violated' },
  },
  'nothing-privileged-gets-into-the-shop': {
    spec: { admission: { namespaces: [SHOP], corpus: 'pod-security/baseline', expect: 'denied' } },
    expected: { analysed: 'holds', observed: 'holds' },
  },
  'nothing-privileged-gets-in-among-guests': {
    spec: { admission: { namespaces: [GUESTS], corpus: 'pod-security/baseline', expect: 'denied' } },
    expected: { analysed: 'violated', observed: 'violated' },
  },
};

export function claims(): readonly ClaimInput[] {
  return Object.entries(BELIEFS).map(([name, { spec }]) => ({
    apiVersion,
    kind: 'Claim',
    metadata: { name, namespace: SHOP },
    spec,
  }));
}

/** How the agent that enforces NetworkPolicy is taken away on this cluster. */
export type AgentLoss =
  | { readonly kind: 'daemonSet'; readonly namespace: string; readonly daemonSet: string }
  /** Shell commands; `stopped` exits 0 while the agent stands still. */
  | { readonly kind: 'commands'; readonly stop: string; readonly start: string; readonly stopped?: string };

const target = (app: string) => ({ namespace: SHOP, pods: { matchLabels: { app } } });
const design = { kind: 'single', before: '3s', during: '12s', after: '10s' } as const;

/** The gateway and orders lose each other: the claim that they talk must fail, and hold again afterwards. */
export function partition(): ExperimentInput {
  return {
    apiVersion,
    kind: 'Experiment',
    metadata: { name: 'gateway-loses-orders' },
    spec: {
      hypothesis: [{ claim: `${SHOP}/gateway-reaches-orders` }],
      faults: [{ networkPartition: { from: target('gateway'), to: target('orders') } }],
      design,
      blastRadius: { namespaces: [SHOP], maxPods: 3 },
      ttl: '2m',
    },
  };
}

/** The policy agent is away while the store starts again: its new pod is isolated by nobody. */
export function policyLoss(loss: AgentLoss, nodes: number): ExperimentInput {
  const restart = target('store');
  const shell = (command: string): string[] => ['sh', '-c', command];
  const { kind, ...agent } = loss;
  const faults: ExperimentInput['spec']['faults'] =
    loss.kind === 'daemonSet'
      ? [{ policyAgentLag: { agent: { namespace: loss.namespace, daemonSet: loss.daemonSet }, restart } }]
      : [
          {
            externalCommand: {
              describe: 'the agent that enforces NetworkPolicy stands still',
              apply: shell(loss.stop),
              undo: shell(loss.start),
              ...(loss.stopped === undefined
                ? {}
                : { bit: shell(loss.stopped), clean: shell(`! { ${loss.stopped}; }`) }),
            },
          },
          { podKill: { target: restart, mode: 'all' } },
        ];
  const elsewhere = kind === 'daemonSet' ? [(agent as { namespace: string }).namespace] : [];
  return {
    apiVersion,
    kind: 'Experiment',
    metadata: { name: 'store-starts-without-policy-agent' },
    spec: {
      hypothesis: [{ claim: `${SHOP}/guests-cannot-reach-the-store` }],
      faults,
      design,
      blastRadius: { namespaces: [SHOP, ...elsewhere], maxPods: 1 + nodes, maxNodes: elsewhere.length * nodes },
      ttl: '2m',
    },
  };
}
