import { formatPath, type Because } from '../../model/because.ts';
import { formatRef } from '../../model/object.ts';
import type { LabelSelector } from '../../model/selectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Classes, PodClass } from './classes.ts';
import { hasPeer } from './peer-sets.ts';
import type { Direction, NamespaceScope, Path, PeerTerm, Policy, PolicyRule } from './policy.ts';
import { ALL, NONE, type PortId, type PortTable } from './port-table.ts';
import type { Profile } from './profile.ts';
import { byPriority, type Compiler, type Rows } from './rows.ts';

/**
 * Judges one pair of peers with every reason kept, in three values: what can't be known (a gap, an address nobody
 * gave, a policy the API would refuse) leaves both outcomes open instead of picking one.
 */
export interface Judgement {
  /** Ports that some reading of what is known allows. */
  readonly mayAllow: PortId;
  /** Ports that some reading denies. Allowed for certain: mayAllow without mayDeny. */
  readonly mayDeny: PortId;
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly effect: 'allows' | 'denies' | 'open';
  readonly ports: PortId;
  readonly because: Because;
}

export interface JudgeInput {
  readonly snapshot: Snapshot;
  readonly profile: Profile;
  readonly classes: Classes;
  readonly table: PortTable;
  readonly compiler: Compiler;
  readonly rows: Readonly<Record<Direction, Rows>>;
  /** Why policies of the namespace tier may be missing for pods of a namespace. */
  readonly namespaceGaps: (namespace: string) => readonly Because[];
  /** Why policies of the ordered tiers, or of kinds that are not evaluated, may be missing. */
  readonly tierGaps: (direction: Direction, subject: PodClass) => readonly Because[];
  readonly describe: (peer: number) => string;
  readonly nodeAddressesKnown: boolean;
}

type Match = 'yes' | 'no' | 'maybe';

export interface Judge {
  /** One direction of a connection: what the policies of `subject` say about `peer`, on ports of the destination. */
  direction(direction: Direction, subject: number, peer: number): Judgement;
  /** Both directions. */
  connection(source: number, destination: number): Judgement;
}

export function createJudge(input: JudgeInput): Judge {
  const { classes, table, compiler, rows } = input;
  const classOf = (peer: number): PodClass | undefined => classes.all[peer];

  const direction: Judge['direction'] = (dir, subject, peer) => {
    const podClass = classOf(subject);
    if (!podClass) return { mayAllow: ALL, mayDeny: NONE, reasons: [] };
    const signature = classOf(dir === 'ingress' ? subject : peer)?.signature ?? 0;
    const row = rows[dir].list[rows[dir].of[subject] ?? -1];
    const policies = row?.policies ?? [];
    const reasons: Reason[] = [];
    const open = (because: readonly Because[], ports: PortId = ALL): void => {
      for (const each of because) reasons.push({ effect: 'open', ports, because: each });
    };
    const tierGaps = input.tierGaps(dir, podClass);
    if (tierGaps.length > 0) {
      open(tierGaps);
      return { mayAllow: ALL, mayDeny: ALL, reasons };
    }

    /** Tries the rules of an ordered tier; returns what may get past it. */
    const ordered = (tier: 'admin' | 'baseline', start: PortId): { allow: PortId; deny: PortId; past: PortId } => {
      let rest = start;
      let allow: PortId = NONE;
      let deny: PortId = NONE;
      let passed: PortId = NONE;
      for (const policy of policies.filter((p) => p.tier === tier).sort(byPriority)) {
        for (const rule of policy.rules[dir]) {
          const hit = matchRule(policy, rule, peer, signature);
          const ports = table.intersect(rest, hit.ports);
          if (hit.match === 'no' || ports === NONE) continue;
          if (hit.match === 'maybe') open(hit.uncertain, ports);
          if (rule.action === 'allow') allow = table.union(allow, ports);
          else if (rule.action === 'deny') deny = table.union(deny, ports);
          else passed = table.union(passed, ports);
          const effect = rule.action === 'allow' ? 'allows' : rule.action === 'deny' ? 'denies' : undefined;
          if (effect)
            reasons.push({ effect, ports, because: ruleBecause(policy, rule, hit.path, ports, effect, subject, peer) });
          if (hit.match === 'yes') rest = table.subtract(rest, ports);
          if (policy.invalid) {
            deny = table.union(deny, ports);
            allow = table.union(allow, ports);
          }
        }
        if (policy.invalid) open([invalidBecause(policy)]);
      }
      return { allow, deny, past: table.union(passed, rest) };
    };

    const admin = ordered('admin', ALL);
    let mayAllow = admin.allow;
    let mayDeny = admin.deny;
    if (admin.past !== NONE) {
      const isolating = policies.filter(
        (policy) => policy.tier === 'namespace' && !policy.invalid && policy.isolates[dir],
      );
      const invalid = policies.filter((policy) => policy.tier === 'namespace' && policy.invalid);
      const gaps =
        podClass.reading === 'pod'
          ? [...input.namespaceGaps(podClass.namespace.name), ...invalid.map(invalidBecause)]
          : [];
      let sure: PortId = NONE;
      let maybe: PortId = NONE;
      for (const policy of isolating) {
        for (const rule of policy.rules[dir]) {
          const hit = matchRule(policy, rule, peer, signature);
          const ports = table.intersect(admin.past, hit.ports);
          if (hit.match === 'no' || ports === NONE) continue;
          if (hit.match === 'yes') sure = table.union(sure, ports);
          else {
            maybe = table.union(maybe, ports);
            open(hit.uncertain, ports);
          }
          reasons.push({
            effect: 'allows',
            ports,
            because: ruleBecause(policy, rule, hit.path, ports, 'allows', subject, peer),
          });
        }
      }
      if (gaps.length > 0) {
        maybe = admin.past;
        open(gaps, table.subtract(admin.past, sure));
      }
      const isolated = isolating.length > 0;
      if (isolated || gaps.length > 0) {
        mayAllow = table.union(mayAllow, table.union(sure, maybe));
        const denied = table.subtract(admin.past, sure);
        mayDeny = table.union(mayDeny, denied);
        for (const policy of isolating)
          reasons.push({ effect: 'denies', ports: denied, because: isolationBecause(policy, dir, subject) });
      }
      if (!isolated) {
        const baseline = ordered('baseline', admin.past);
        mayAllow = table.union(mayAllow, table.union(baseline.allow, baseline.past));
        mayDeny = table.union(mayDeny, baseline.deny);
        reasons.push({ effect: 'allows', ports: baseline.past, because: defaultBecause(podClass, dir, subject) });
      }
    }
    return { mayAllow, mayDeny, reasons };
  };

  const matchRule = (
    policy: Policy,
    rule: PolicyRule,
    peer: number,
    signature: number,
  ): { match: Match; ports: PortId; path: Path; uncertain: readonly Because[] } => {
    const ports = compiler.portsOf(rule.ports).on(signature);
    let maybe: { path: Path; uncertain: Because } | undefined;
    for (const { term, path } of rule.peers) {
      const [match, uncertain] = matchTerm(policy, term, path, peer);
      if (match === 'yes')
        return {
          match: policy.invalid ? 'maybe' : 'yes',
          ports,
          path,
          uncertain: policy.invalid ? [invalidBecause(policy)] : [],
        };
      if (match === 'maybe' && uncertain) maybe ??= { path, uncertain };
    }
    return maybe
      ? { match: 'maybe', ports, path: maybe.path, uncertain: [maybe.uncertain] }
      : { match: 'no', ports, path: rule.path, uncertain: [] };
  };

  const matchTerm = (policy: Policy, term: PeerTerm, path: Path, peer: number): readonly [Match, Because?] => {
    const podClass = classOf(peer);
    if (hasPeer(compiler.peersOf(term), peer)) {
      if (term.kind === 'pods' && podClass && namespaceLabelsMatter(term.namespaces, podClass))
        return ['maybe', labelsUnknown(podClass)];
      return ['yes'];
    }
    switch (term.kind) {
      case 'pods':
        return podClass && podClass.reading === 'pod' && namespaceLabelsMatter(term.namespaces, podClass)
          ? ['maybe', labelsUnknown(podClass)]
          : ['no'];
      case 'block': {
        const hitsPods = input.profile.ipBlockSelectsPods || (term.everywhere && input.profile.networksSelectPods);
        if (!podClass || !hitsPods || podClass.address >= 0) return ['no'];
        return [
          'maybe',
          {
            kind: 'absence',
            of: 'status.podIPs',
            says: `the address of ${input.describe(peer)} is not known, so whether ${formatRef(policy.ref)} ${formatPath(path)} covers it is open`,
          },
        ];
      }
      case 'nodes': {
        const couldBeNode = podClass ? podClass.reading === 'node' : true;
        if (!couldBeNode || !input.profile.nodePeers || (input.nodeAddressesKnown && !podClass)) return ['no'];
        return [
          'maybe',
          {
            kind: 'absence',
            of: 'Node',
            says: `which addresses are nodes picked by ${formatRef(policy.ref)} ${formatPath(path)} is not known`,
          },
        ];
      }
      case 'names':
        if (podClass) return ['no'];
        return [
          'maybe',
          {
            kind: 'parameter',
            parameter: 'domainNames',
            says: `${formatRef(policy.ref)} ${formatPath(path)} allows ${term.names.join(', ')}, whose addresses only the implementation resolves`,
          },
        ];
      case 'everyone':
      case 'nobody':
        return ['no'];
    }
  };

  const namespaceLabelsMatter = (scope: NamespaceScope, podClass: PodClass): boolean =>
    !podClass.namespace.labelsKnown && scope.kind === 'labels' && usesOtherLabels(scope.selector);

  const labelsUnknown = (podClass: PodClass): Because => {
    const [gap] = input.snapshot.gaps(['Namespace']);
    const says = `the labels of namespace ${podClass.namespace.name} could not be read`;
    return gap ? { kind: 'gap', gap, says } : { kind: 'absence', of: `Namespace ${podClass.namespace.name}`, says };
  };

  const field = (policy: Policy, path: Path, says: string): Because => {
    const at = input.snapshot.locate(policy.resource, path);
    return { kind: 'field', object: policy.ref, path: formatPath(path), says, ...(at ? { at } : {}) };
  };

  const ruleBecause = (
    policy: Policy,
    rule: PolicyRule,
    path: Path,
    ports: PortId,
    effect: 'allows' | 'denies',
    subject: number,
    peer: number,
  ): Because => {
    const [from, to] = rule.path.includes('ingress') ? [peer, subject] : [subject, peer];
    const where = rule.path.slice(1);
    return field(
      policy,
      path,
      `${formatRef(policy.ref)} ${formatPath(path.length > rule.path.length ? path.slice(1) : where)} ${effect} ${table.text(ports)} from ${input.describe(from)} to ${input.describe(to)}`,
    );
  };

  const isolationBecause = (policy: Policy, dir: Direction, subject: number): Because =>
    field(
      policy,
      policy.subject.path,
      `${formatRef(policy.ref)} isolates ${dir} of ${input.describe(subject)}, and no rule of it allows this`,
    );

  const invalidBecause = (policy: Policy): Because =>
    field(
      policy,
      ['spec'],
      `${formatRef(policy.ref)} is not valid: the API server would refuse it, so whether it or an older version of it is in force can't be known`,
    );

  const defaultBecause = (podClass: PodClass, dir: Direction, subject: number): Because =>
    podClass.reading === 'node'
      ? {
          kind: 'rule',
          source: 'NetworkPolicy',
          says: `${input.describe(subject)} is on the host's network, where its policies have no effect`,
        }
      : { kind: 'absence', of: 'NetworkPolicy', says: `no policy isolates ${dir} of ${input.describe(subject)}` };

  const connection: Judge['connection'] = (source, destination) => {
    const out = direction('egress', source, destination);
    const into = direction('ingress', destination, source);
    return {
      mayAllow: table.intersect(out.mayAllow, into.mayAllow),
      mayDeny: table.union(out.mayDeny, into.mayDeny),
      reasons: [...out.reasons, ...into.reasons],
    };
  };
  return { direction, connection };
}

function usesOtherLabels(selector: LabelSelector): boolean {
  return selector.some((requirement) => requirement.key !== 'kubernetes.io/metadata.name');
}
