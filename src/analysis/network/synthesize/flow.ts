import type { NetworkWorkload } from '../index.ts';
import type { Protocol } from '../ports/ports.ts';

/** One end of a flow: pods of a workload, or addresses outside the cluster. */
export type FlowEnd =
  | { readonly kind: 'workload'; readonly workload: NetworkWorkload }
  /** Every pod of a namespace, for controllers of which only the namespace is known. */
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'block'; readonly cidr: string; readonly except: readonly string[] }
  /** Everybody, for what comes from addresses nobody can list. */
  | { readonly kind: 'anyone' };

/** A connection that must stay possible, and who says so. */
export interface Flow {
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly port: number;
  readonly protocol: Protocol;
  /** Why it is needed, for a person. */
  readonly says: string;
}

/** `shop/web[Deployment]`, `10.0.0.0/8`, `anyone`. */
export function formatEnd(end: FlowEnd): string {
  switch (end.kind) {
    case 'workload':
      return end.workload.id;
    case 'namespace':
      return `${end.namespace}/`;
    case 'block':
      return end.cidr;
    case 'anyone':
      return 'anyone';
  }
}

export function formatFlow({ from, to, port, protocol }: Flow): string {
  return `${formatEnd(from)} -> ${formatEnd(to)}:${port}/${protocol}`;
}

/** The public internet as blocks: everything but private networks and the metadata service. */
export const INTERNET_BLOCKS: readonly FlowEnd[] = [
  {
    kind: 'block',
    cidr: '0.0.0.0/0',
    except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  },
  { kind: 'block', cidr: '::/0', except: ['fc00::/7', 'fe80::/10'] },
];

/** Each flow once; of several reasons the first. Sorted. */
export function distinctFlows(flows: readonly Flow[]): readonly Flow[] {
  const found = new Map<string, Flow>();
  for (const flow of flows) {
    const id = formatFlow(flow);
    if (!found.has(id)) found.set(id, flow);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, flow]) => flow);
}
