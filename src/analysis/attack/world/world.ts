import type { ApiServerSettings } from './api-server.ts';
import type { Guard } from '../facts/guard.ts';
import type { KubernetesVersion, Snapshot } from '../../../model/snapshot.ts';
import type { AccessFacts } from '../facts/access-facts.ts';
import type { ActionTable } from '../hops/actions.ts';
import type { NetworkFacts } from '../facts/network-facts.ts';
import type { AccountIndex } from './account-index.ts';
import type { CredentialIndex } from './credential-index.ts';
import type { NodeIndex } from './node-index.ts';
import type { PodIndex } from './pod-index.ts';
import type { PodSecurity } from './pod-security.ts';
import type { RoleStations } from './role-stations.ts';
import type { SecretIndex } from './secret-index.ts';
import type { TargetIndex } from './target-index.ts';
import type { VolumeIndex } from './volume-index.ts';

/** All that edges may ask. Pure: the snapshot and what the other analyses answer about it are all there is. */
export interface World {
  readonly snapshot: Snapshot;
  readonly version: KubernetesVersion;
  /** The actions edges ask for. */
  readonly rules: ActionTable;
  readonly grants: AccessFacts;
  readonly roles: RoleStations;
  readonly network: NetworkFacts;
  readonly pods: PodIndex;
  readonly nodes: NodeIndex;
  readonly accounts: AccountIndex;
  readonly targets: TargetIndex;
  readonly secretsIn: SecretIndex;
  readonly volumeBehind: VolumeIndex;
  readonly credentials: CredentialIndex;
  readonly apiServer: () => ApiServerSettings;
  /** Whether new pods fit into a namespace; false where its quota is for none. */
  readonly takesPods: (namespace: string) => boolean;
  readonly admitsBeyond: PodSecurity;
  /** What besides Pod Security is asked before a pod gets into a namespace, and may refuse it. */
  readonly guardsOf: (namespace: string) => readonly Guard[];
  /** All of them, in whatever namespace they are asked. */
  readonly guards: () => readonly Guard[];
}
