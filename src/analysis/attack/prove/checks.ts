import type { Requester } from '../../access/types.ts';
import { requesterOf } from '../../access/subjects.ts';
import { may, parseAction, type Action } from '../hops/actions.ts';
import { ADMINISTRATOR_MARKS } from '../hops/administrators.ts';
import type { PathHop } from '../paths/fold.ts';
import { formatNode, type AttackNode } from '../nodes.ts';
import type { PodUnit } from '../facts/pod-units.ts';
import { groupOfIdentity } from '../hops/principals.ts';
import type { World } from '../world/world.ts';

/** The least invasive look at a live cluster that can confirm or refute a premise of a hop. */
export type LiveCheck =
  /** Ask the API server whether somebody may do something. */
  | {
      readonly kind: 'review';
      readonly as: Requester;
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
    }
  /** Open one connection from inside a pod, beside controls. */
  | {
      readonly kind: 'connect';
      readonly from: PodUnit;
      readonly to: PodUnit | 'api' | 'metadata';
      readonly port: number;
    }
  /** Let the API server say whether a pod would get in, keeping nothing (server-side dry run). */
  | { readonly kind: 'admission'; readonly as: Requester; readonly namespace: string; readonly privileged: boolean }
  /** Read the running pods of a workload and ask the edge again about them. */
  | { readonly kind: 'pod'; readonly unit: PodUnit }
  /** Compare the image that runs with the one a report is about. */
  | {
      readonly kind: 'image';
      readonly unit: PodUnit;
      readonly container: string;
      readonly report: PathHop['because'][number];
    }
  /** Open one connection from where this program runs. */
  | { readonly kind: 'outside'; readonly service: { readonly namespace: string; readonly name: string } }
  /** Nothing to observe: it is how Kubernetes or Linux works. */
  | { readonly kind: 'definition'; readonly says: string }
  /** What could be observed would be too invasive, or is out of reach. */
  | { readonly kind: 'none'; readonly says: string };

/** Everything to look at for one hop; all of it must be as predicted. */
export function checksOf(hop: PathHop, world: World): readonly LiveCheck[] {
  const reviews = hop.rights.flatMap(({ holder, right }) => reviewOf(holder, right));
  const own = ownChecks(hop, world);
  return reviews.length > 0 ? [...reviews, ...own.filter(({ kind }) => kind !== 'definition')] : own;
}

function ownChecks(hop: PathHop, world: World): readonly LiveCheck[] {
  const { edge, from, to } = hop;
  const source = world.pods.at(from)[0];
  const notLookedAt = NOT_LOOKED_AT[edge.id];
  switch (edge.id) {
    case 'A1': {
      const by = hop.because.find((reason) => reason.kind === 'field' && reason.object.kind === 'Service');
      const target = world.network.exposed().find(({ unit }) => world.pods.at(to).includes(unit));
      const service = by?.kind === 'field' ? by.object : target?.by;
      return service?.kind === 'Service'
        ? [{ kind: 'outside', service: { namespace: service.namespace ?? 'default', name: service.name } }]
        : [{ kind: 'none', says: 'where outsiders come in is not known here' }];
    }
    case 'A2': {
      const unit = world.pods.at(from)[0];
      const container = to.name?.split('/')[1] ?? '';
      const [report] = hop.because;
      return unit && report ? [{ kind: 'image', unit, container, report }] : [];
    }
    case 'H1': {
      if (hop.rights.length > 0) return [{ kind: 'none', says: 'no pod is created to try a connection from' }];
      const target = world.pods.at(to)[0];
      const port = Number(to.name?.split(':')[1]);
      return source && target ? [{ kind: 'connect', from: source, to: target, port }] : [];
    }
    case 'H3':
      if (from.kind === 'Root') return [{ kind: 'definition', says: 'every node talks to the API server' }];
      return source ? [{ kind: 'connect', from: source, to: 'api', port: 443 }] : [];
    case 'E5':
    case 'E9':
    case 'E10':
      return to.kind === 'Root' ? admission(hop, world, true) : admission(hop, world, false);
    case 'E7':
    case 'E8':
      return admission(hop, world, false);
    case 'F7':
      if (['ClusterAdmin', 'NamespaceAdmin'].includes(to.kind) && from.kind === 'Identity')
        return everything(to).flatMap((right) => reviewOf(from, right));
      return [definition(hop)];
    case 'H4':
      return source ? [{ kind: 'connect', from: source, to: 'metadata', port: 80 }] : [];
    case 'G5': {
      const unit = source ?? controllerOf(hop, world);
      return unit ? [{ kind: 'pod', unit }] : [];
    }
    default:
      if (notLookedAt !== undefined) return [{ kind: 'none', says: notLookedAt }];
      if (source && IN_THE_POD.test(edge.id)) return [{ kind: 'pod', unit: source }];
      // Who has the right, which is reviewed, has all there is to this hop.
      if (hop.rights.length > 0) return [];
      if (BY_DEFINITION.has(edge.id)) return [definition(hop)];
      return [{ kind: 'none', says: `not looked at from here; by hand: ${edge.prove}` }];
  }
}

/** Hops that the fields of a pod decide, or its image and how it is started: the pod that runs is read. */
const IN_THE_POD = /^(A3|A6|B\d+|D1|D2|D11|D12|G6|H6|H7|H8|I1)$/;

/** Hops of which nothing harmless shows more than the facts say, and why. */
const NOT_LOOKED_AT: Readonly<Record<string, string>> = {
  A4: 'whether the API server takes requests without credentials shows only by sending one, and everything here is sent with those of this program; what system:anonymous may do is reviewed',
  D3: 'a Secret is not read: its content would be shown',
  E12: 'what a kubelet asks of its callers is in its settings, which the API server shows through nodes/proxy alone, and that right is code execution: it is never used',
};

/** The pod of the controller that a hop comes out in, as its reason names it. */
function controllerOf({ because }: PathHop, world: World): PodUnit | undefined {
  const reason = because.find((one) => one.kind === 'field' && /^Pod$|s?Set$|Deployment$/.test(one.object.kind));
  if (reason?.kind !== 'field') return undefined;
  const { kind, namespace, name } = reason.object;
  return world.pods.in(namespace).find(({ ref }) => ref.kind === kind && ref.name === name);
}

/** Hops that follow from how Kubernetes works, given what is held. */
const BY_DEFINITION: ReadonlySet<string> = new Set(['C1', 'C2', 'C3', 'C4', 'F3', 'F7']);

function definition({ because, edge }: PathHop): LiveCheck {
  return { kind: 'definition', says: because[0]?.says ?? edge.title };
}

/** What an administrator may do: of the cluster everything, of a namespace what nobody else may do together. */
function everything({ namespace }: AttackNode): readonly AttackNode[] {
  if (namespace === undefined) return [may('* *.*')];
  return ADMINISTRATOR_MARKS.map(({ verb, group, resource }) =>
    may(`${verb} ${group === '' ? resource : `${resource}.${group}`}`, namespace),
  );
}

/** Pods a holder creates, or a stand-in for them where only the right everywhere is known. */
function admission(hop: PathHop, world: World, privileged: boolean): readonly LiveCheck[] {
  if (hop.and.some(({ kind }) => kind === 'AdmissionControl'))
    return [
      {
        kind: 'none',
        says: 'what guards admission would have to be changed first, which the hop before is looked at for',
      },
    ];
  const used = hop.rights[0];
  const as = used && requesterAt(used.holder);
  if (!used || !as)
    return [{ kind: 'none', says: 'whoever administers may do this, which the hop before is looked at for' }];
  const level = privileged ? 'baseline' : 'restricted';
  const open = world.accounts.namespaces().find((place) => world.admitsBeyond(level, place).holds === true);
  const namespace = used.right.namespace ?? open ?? 'default';
  return [{ kind: 'admission', as, namespace, privileged }];
}

function reviewOf(holder: AttackNode, right: AttackNode): readonly LiveCheck[] {
  const as = requesterAt(holder);
  if (!as) return [];
  const { verb, group, resource, subresource } = parseAction(right.name as Action);
  return [
    {
      kind: 'review',
      as,
      verb,
      group,
      resource,
      subresource,
      namespace: right.namespace ?? '',
      name: right.object ?? '',
    },
  ];
}

function requesterAt(holder: AttackNode): Requester | undefined {
  const group = groupOfIdentity(holder);
  if (group !== undefined) return { user: 'seaworthy:nobody', groups: [group] };
  if (holder.kind === 'NodeIdentity' && holder.name !== undefined)
    return { user: `system:node:${holder.name}`, groups: ['system:nodes', 'system:authenticated'] };
  return holder.kind === 'Identity' && holder.name !== undefined ? requesterOf(holder.name) : undefined;
}

/** A hop's name in a report. */
export function hopId({ edge, from, to }: PathHop): string {
  return `${edge.id} ${formatNode(from)} > ${formatNode(to)}`;
}
