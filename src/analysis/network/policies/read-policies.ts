import type { Resource, Snapshot } from '../../../model/snapshot.ts';
import { changedPart } from '../changed-part.ts';
import { mentionSelector, type Mentioned } from './mentioned.ts';
import { readExtensions } from './extensions/index.ts';
import { DIRECTIONS, isByPriority, type PeerTerm, type Policy } from './policy.ts';
import { eachTerm } from './each-term.ts';
import type { Profile } from '../profiles/profile.ts';
import { readAdminPolicy } from './read-admin-policy.ts';
import { readNetworkPolicy, type ReadPolicy } from './read-network-policy.ts';
import type { PolicyProblem } from '../types.ts';
import { ADMIN_POLICY_KINDS, EXTENSION_KINDS, NETWORK_POLICY } from '../../../model/policy-kinds.ts';

/** The policies of one snapshot, with what each was read from, so that a later snapshot need not read it again. */
export interface ReadPolicies {
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
  readonly lists: readonly ReadList[];
  /** Policies that are invalid, or depend on what the configuration doesn't hold. */
  readonly open: ReadonlySet<Policy>;
  /** Policies of the whole cluster that choose their subjects by the labels of namespaces. */
  readonly labelled: ReadonlySet<Policy>;
  /** Policies that are tried in the order of their priorities. */
  readonly ranked: ReadonlySet<Policy>;
}

/** The policies of one kind of Kubernetes', or all those of CNIs and meshes, which are read together. */
interface ReadList {
  readonly resources: readonly Resource[];
  readonly read: readonly ReadPolicy[];
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
}

function listOf(resources: readonly Resource[], read: readonly ReadPolicy[]): ReadList {
  return {
    resources,
    read,
    policies: read.map(({ policy }) => policy),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/**
 * Reads every policy. `earlier` is what was read of a snapshot that differs only in policies: what was the same object
 * then is not read again. Those of CNIs and meshes name each other, so all are read when one differs.
 */
export function readPolicies(snapshot: Snapshot, profile: Profile, earlier?: ReadPolicies): ReadPolicies {
  const version = snapshot.kubernetesVersion;
  const old = version !== undefined && version.major === 1 && version.minor < 36;
  const schema = profile.name !== 'netpol-analyzer';
  const options = { strictCidr: !old && schema, schema };
  const one = (kind: string, index: number, read: typeof readNetworkPolicy): ReadList =>
    readChanged(snapshot.list(kind), earlier?.lists[index], (resource) => read(snapshot, resource, options));
  // netpol-analyzer knows none of these.
  const extensions = profile.name === 'netpol-analyzer' ? [] : EXTENSION_KINDS.flatMap((kind) => snapshot.list(kind));
  const kinds = 1 + ADMIN_POLICY_KINDS.length;
  const before = earlier?.lists[kinds];
  const lists = [
    one(NETWORK_POLICY, 0, readNetworkPolicy),
    ...ADMIN_POLICY_KINDS.map((kind, i) => one(kind, i + 1, readAdminPolicy)),
    before && changedPart(before.resources, extensions).same
      ? before
      : listOf(extensions, extensions.length === 0 ? [] : readExtensions(snapshot)),
  ];
  if (earlier && lists.every((list, i) => list === earlier.lists[i])) return earlier;
  const filled = lists.filter(({ read }) => read.length > 0);
  const [only, ...more] = filled;
  const policies = only && more.length === 0 ? only.policies : filled.flatMap((list) => list.policies);
  const part = changedPart(earlier?.policies ?? [], policies);
  const kept = (known: ReadonlySet<Policy> | undefined, wanted: (policy: Policy) => boolean): ReadonlySet<Policy> => {
    const found = new Set(known);
    for (const policy of part.removed) found.delete(policy);
    for (const policy of part.added) if (wanted(policy)) found.add(policy);
    return found;
  };
  return {
    policies,
    problems: lists.flatMap(({ problems }) => problems),
    lists,
    open: kept(earlier?.open, (policy) => policy.invalid || hasOpenRules(policy)),
    labelled: kept(earlier?.labelled, hasLabelledSubject),
    ranked: kept(earlier?.ranked, isByPriority),
  };
}

function readChanged(
  resources: readonly Resource[],
  earlier: ReadList | undefined,
  read: (resource: Resource) => ReadPolicy,
): ReadList {
  if (!earlier) return listOf(resources, resources.map(read));
  const { same, start, removed, added } = changedPart(earlier.resources, resources);
  if (same) return earlier;
  const known = new Map(removed.map((resource, i) => [resource, earlier.read[start + i]]));
  const fresh = listOf(
    added,
    added.map((resource) => known.get(resource) ?? read(resource)),
  );
  const old = earlier.read.slice(start, start + removed.length);
  // Hardly any policy has a problem.
  const problems =
    fresh.problems.length === 0 && old.every((one) => one.problems.length === 0) ? earlier.problems : undefined;
  const together = earlier.read.toSpliced(start, removed.length, ...fresh.read);
  return {
    resources,
    read: together,
    policies: earlier.policies.toSpliced(start, removed.length, ...fresh.policies),
    problems: problems ?? together.flatMap((one) => one.problems),
  };
}

/** Whether a term picks pods by their addresses. */
function hitsPods(term: PeerTerm, profile: Profile): boolean {
  if (term.kind === 'nodes') return profile.nodePeers;
  if (term.kind !== 'block' || term.pods === 'never') return false;
  return term.pods === 'always' ? profile.networksSelectPods : profile.ipBlockSelectsPods;
}

/** Whether some rule depends on what the configuration doesn't hold. */
function hasOpenRules(policy: Policy): boolean {
  return (
    policy.stage.layer === 'mesh' ||
    DIRECTIONS.some((direction) =>
      policy.rules[direction].some(
        (rule) => rule.conditional !== undefined || rule.peers.some(({ term }) => term.kind === 'names'),
      ),
    )
  );
}

/** Whether a policy of the whole cluster chooses its subjects by the labels of namespaces. */
function hasLabelledSubject({ tier, subject }: Policy): boolean {
  return (
    tier !== 'namespace' &&
    [subject, ...(subject.alternatives ?? [])].some(
      ({ namespaces }) => namespaces.kind === 'labels' && namespaces.selector.length > 0,
    )
  );
}

/** What the selectors and rules of some policies look at. */
export function mentionedBy(policies: readonly Policy[], profile: Profile): Mentioned {
  const labels = new Map<string, Set<string>>();
  let blocksHitPods = false;
  for (const policy of policies) {
    mentionSelector(labels, policy.subject.pods);
    for (const { pods } of policy.subject.alternatives ?? []) mentionSelector(labels, pods);
    eachTerm(policy, (term) => {
      if (term.kind === 'pods') mentionSelector(labels, term.pods);
      blocksHitPods ||= hitsPods(term, profile);
    });
  }
  return { labels, blocksHitPods };
}
