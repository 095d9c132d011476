import { formatPath, type Because } from '../../../model/because.ts';
import type { Position } from '../../../model/errors.ts';
import { formatRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import type { PodClass } from '../classes/classes.ts';
import type { Direction, Path, Policy, PolicyRule } from '../policies/policy.ts';
import type { PortId, PortTable } from '../ports/port-table.ts';
import type { Uncertainty } from '../rows/terms.ts';

export interface WordingInput {
  readonly snapshot: Snapshot;
  readonly table: PortTable;
  readonly describe: (peer: number) => string;
}

/** The reasons a judgement is made of, as sentences that point to a field of a policy, or to what is missing. */
export interface Wording {
  rule(
    policy: Policy,
    rule: PolicyRule,
    path: Path,
    ports: PortId,
    effect: 'allows' | 'denies',
    subject: number,
    peer: number,
  ): Because;
  isolation(policy: Policy, direction: Direction, subject: number): Because;
  invalid(policy: Policy): Because;
  conditional(policy: Policy, rule: PolicyRule, on: string): Because;
  uncertainty(open: Uncertainty, policy: Policy, path: Path, peer: number): Because;
  /** Policies of one priority that say different things. */
  tie(policies: readonly Policy[]): Because;
  enrolment(subject: number): Because;
  default(podClass: PodClass, direction: Direction, subject: number): Because;
}

export function createWording({ snapshot, table, describe }: WordingInput): Wording {
  // A rule is a reason for many pairs, and finding it in its file takes long.
  const positions = new WeakMap<Policy, Map<string, Position | undefined>>();
  const locate = (policy: Policy, path: Path, written: string): Position | undefined => {
    let known = positions.get(policy);
    if (!known) positions.set(policy, (known = new Map()));
    if (!known.has(written)) known.set(written, snapshot.locate(policy.resource, path));
    return known.get(written);
  };
  const field = (policy: Policy, path: Path, says: string): Because => {
    const written = formatPath(path);
    const at = locate(policy, path, written);
    return { kind: 'field', object: policy.ref, path: written, says, ...(at ? { at } : {}) };
  };
  const place = (policy: Policy, path: Path): string => `${formatRef(policy.ref)} ${formatPath(path)}`;
  const ofMesh = (says: string): Because => {
    const [gap] = snapshot.gaps(['Namespace']);
    return gap ? { kind: 'gap', gap, says } : { kind: 'parameter', parameter: 'meshEnrolment', says };
  };
  return {
    rule(policy, rule, path, ports, effect, subject, peer) {
      const [from, to] = rule.path.some((step) => step === 'ingress' || step === 'ingressDeny' || step === 'rules')
        ? [peer, subject]
        : [subject, peer];
      const where = (path.length > rule.path.length ? path : rule.path).slice(1);
      const narrowed = rule.narrows === undefined ? '' : `, narrowed by ${rule.narrows}`;
      return field(
        policy,
        path,
        `${formatRef(policy.ref)} ${formatPath(where)} ${effect} ${table.text(ports)} from ${describe(from)} to ${describe(to)}${narrowed}`,
      );
    },
    isolation: (policy, direction, subject) =>
      field(
        policy,
        policy.subject.path,
        `${formatRef(policy.ref)} isolates ${direction} of ${describe(subject)}, and no rule of it allows this`,
      ),
    invalid: (policy) =>
      field(
        policy,
        ['spec'],
        policy.unevaluated === true
          ? `${formatRef(policy.ref)} is of a kind that is not evaluated, so what it allows and denies is not known`
          : `${formatRef(policy.ref)} is not valid: the API server would refuse it, so whether it or an older version of it is in force can't be known`,
      ),
    conditional: (policy, rule, on) => ({
      kind: 'parameter',
      parameter: 'layer7',
      says: `${place(policy, rule.path)} also depends on ${on}, which connections alone don't show`,
    }),
    tie: (policies) => ({
      kind: 'parameter',
      parameter: 'equalPriority',
      says: `${policies.map(({ ref }) => formatRef(ref)).join(' and ')} have the same priority: which of them comes first is left to the implementation`,
    }),
    uncertainty(open, policy, path, peer) {
      switch (open.kind) {
        case 'namespaceLabels': {
          const { name } = open.podClass.namespace;
          const [gap] = snapshot.gaps(['Namespace']);
          const says = `the labels of namespace ${name} could not be read`;
          return gap ? { kind: 'gap', gap, says } : { kind: 'absence', of: `Namespace ${name}`, says };
        }
        case 'podAddress':
          return {
            kind: 'absence',
            of: 'status.podIPs',
            says: `the address of ${describe(peer)} is not known, so whether ${place(policy, path)} covers it is open`,
          };
        case 'enrolment':
          return ofMesh(`whether ${describe(peer)} is in the mesh, as ${place(policy, path)} needs, is not known`);
        case 'nodeAddresses':
          return {
            kind: 'absence',
            of: 'Node',
            says: `which addresses are nodes picked by ${place(policy, path)} is not known`,
          };
        case 'names':
          return {
            kind: 'parameter',
            parameter: 'domainNames',
            says: `${place(policy, path)} names ${open.names.join(', ')}, whose addresses only the implementation resolves`,
          };
      }
    },
    enrolment: (subject) =>
      ofMesh(`whether ${describe(subject)} is in the mesh is not known, and only there are its policies enforced`),
    default: (podClass, direction, subject) =>
      podClass.reading === 'node'
        ? {
            kind: 'rule',
            source: 'NetworkPolicy',
            says: `${describe(subject)} is on the host's network, where its policies have no effect`,
          }
        : { kind: 'absence', of: 'NetworkPolicy', says: `no policy isolates ${direction} of ${describe(subject)}` },
  };
}
