import { isFromFiles, type Snapshot } from '../../../model/snapshot.ts';
import { NEWEST_KUBERNETES } from '../../../model/version.ts';
import { analyseAccess, type AccessAnalysis } from '../../access/index.ts';
import { analyseNetwork, type NetworkAnalysis } from '../../network/index.ts';
import { accessFacts, type AccessFacts } from './access-facts.ts';
import { podQuotas } from './pod-quotas.ts';
import { admissionGuards } from './admission-guards.ts';
import type { ActionTable } from '../hops/actions.ts';
import { knownServices, type KnownService } from './known-services.ts';
import { networkFacts, type NetworkFacts } from './network-facts.ts';
import type { AttackNode } from '../nodes.ts';
import { podUnitsOf } from './pod-units.ts';
import { gapsOf } from './reads.ts';
import { weaknessesOf, type Weakness } from './weaknesses.ts';
import { accountIndex } from '../world/account-index.ts';
import { credentialIndex } from '../world/credential-index.ts';
import { nodeIndex } from '../world/node-index.ts';
import { apiServerSettings } from '../world/api-server.ts';
import { once } from '../world/once.ts';
import { podIndex, type PodIndex } from '../world/pod-index.ts';
import { podSecurity } from '../world/pod-security.ts';
import { roleStations } from '../world/role-stations.ts';
import { secretIndex } from '../world/secret-index.ts';
import { targetIndex } from '../world/target-index.ts';
import { volumeIndex } from '../world/volume-index.ts';
import type { World } from '../world/world.ts';

/** Analyses that somebody has made already of the same snapshot. */
export interface Engines {
  readonly access?: AccessAnalysis;
  readonly network?: NetworkAnalysis;
}

/** What every question about a snapshot rests on: the other analyses and the indexes, each made when it is first used. */
export interface Facts extends Omit<World, 'version' | 'rules' | 'targets'> {
  readonly weaknesses: () => readonly Weakness[];
  readonly services: () => readonly KnownService[];
}

export function gatherFacts(snapshot: Snapshot, engines: Engines = {}): Facts {
  const grants = accessFacts(engines.access ?? analyseAccess(snapshot));
  const pods = podIndex(podUnitsOf(snapshot));
  const analyse = (): NetworkAnalysis => engines.network ?? analyseNetwork(snapshot, { profile: 'kubernetes' });
  return factsOf(snapshot, grants, pods, networkFacts(snapshot, pods, analyse));
}

/** The facts that follow from a snapshot, its grants, its pods and its network. */
export function factsOf(snapshot: Snapshot, grants: AccessFacts, pods: PodIndex, network: NetworkFacts): Facts {
  const guards = once(() => admissionGuards(snapshot));
  return {
    snapshot,
    grants,
    roles: roleStations(grants),
    network,
    pods,
    nodes: nodeIndex(snapshot, pods),
    accounts: accountIndex(snapshot, pods, () => grants.subjects),
    secretsIn: secretIndex(snapshot, pods),
    volumeBehind: volumeIndex(snapshot),
    credentials: credentialIndex(snapshot, pods),
    apiServer: once(() => apiServerSettings(snapshot)),
    weaknesses: once(() => weaknessesOf(snapshot, pods.all())),
    services: once(() => knownServices(pods.all())),
    admitsBeyond: podSecurity(snapshot),
    takesPods: podQuotas(snapshot),
    guards: () => guards().all,
    guardsOf: (namespace) => guards().of(namespace),
  };
}

/**
 * Whether a question about a node has facts of its own: a port nobody knows anything of, and a Secret that the files don't have,
 * which is taken to be in the cluster since somebody names it.
 */
export function isAskedFor({ kind, namespace = '', name = '' }: AttackNode, { snapshot, secretsIn }: Facts): boolean {
  if (kind !== 'Secret') return kind === 'Reach';
  return isFromFiles(snapshot) && gapsOf(snapshot, ['Secret']).length === 0 && !secretsIn(namespace).includes(name);
}

/** The facts as edges see them, with the nodes somebody asks about. */
export function worldOf(facts: Facts, rules: ActionTable, asked: readonly AttackNode[]): World {
  const { weaknesses, services, ...others } = facts;
  const targets = once(() => targetIndex({ weaknesses: weaknesses(), services: services(), asked }, facts.pods.at));
  const secrets = asked.filter(({ kind }) => kind === 'Secret');
  const places = secrets.map(({ namespace = '' }) => namespace);
  return {
    ...others,
    ...(secrets.length === 0
      ? {}
      : {
          accounts: {
            ...others.accounts,
            namespaces: () => [...new Set([...others.accounts.namespaces(), ...places])].sort(),
          },
          secretsIn: (namespace) => [
            ...others.secretsIn(namespace),
            ...secrets.flatMap((one) => (one.namespace === namespace ? [one.name ?? ''] : [])),
          ],
        }),
    version: facts.snapshot.kubernetesVersion ?? NEWEST_KUBERNETES,
    rules,
    get targets() {
      return targets();
    },
  };
}
