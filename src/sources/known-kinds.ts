import type { KindKey } from '../model/object.ts';

/** What is known of a kind without asking an API server. */
export interface KnownKind {
  readonly kind: string;
  readonly group: string;
  /** Plural as in API paths and RBAC rules. */
  readonly resource: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

/**
 * group: kind(short names), …; `!` marks cluster-scoped kinds. Kubernetes 1.36 with what older versions still
 * served, and the custom resources the analyses read.
 */
const TABLE = `
: Binding ComponentStatus!(cs) ConfigMap(cm) Endpoints(ep) Event(ev) LimitRange(limits) Namespace!(ns) Node!(no)
: PersistentVolumeClaim(pvc) PersistentVolume!(pv) Pod(po) PodTemplate ReplicationController(rc)
: ResourceQuota(quota) Secret Service(svc) ServiceAccount(sa)
admissionregistration.k8s.io: MutatingAdmissionPolicy! MutatingAdmissionPolicyBinding! MutatingWebhookConfiguration!
admissionregistration.k8s.io: ValidatingAdmissionPolicy! ValidatingAdmissionPolicyBinding!
admissionregistration.k8s.io: ValidatingWebhookConfiguration!
apiextensions.k8s.io: CustomResourceDefinition!(crd,crds)
apiregistration.k8s.io: APIService!
apps: ControllerRevision DaemonSet(ds) Deployment(deploy) ReplicaSet(rs) StatefulSet(sts)
authentication.k8s.io: SelfSubjectReview! TokenReview!
authorization.k8s.io: LocalSubjectAccessReview SelfSubjectAccessReview! SelfSubjectRulesReview! SubjectAccessReview!
autoscaling: HorizontalPodAutoscaler(hpa)
batch: CronJob(cj) Job
certificates.k8s.io: CertificateSigningRequest!(csr) ClusterTrustBundle! PodCertificateRequest
coordination.k8s.io: Lease LeaseCandidate
discovery.k8s.io: EndpointSlice
events.k8s.io: Event
flowcontrol.apiserver.k8s.io: FlowSchema! PriorityLevelConfiguration!
networking.k8s.io: IPAddress!(ip) Ingress(ing) IngressClass! NetworkPolicy(netpol) ServiceCIDR!
node.k8s.io: RuntimeClass!
policy: PodDisruptionBudget(pdb) PodSecurityPolicy!(psp) Eviction
rbac.authorization.k8s.io: ClusterRole! ClusterRoleBinding! Role RoleBinding
resource.k8s.io: DeviceClass! ResourceClaim ResourceClaimTemplate ResourceSlice! DeviceTaintRule!
scheduling.k8s.io: PriorityClass!(pc)
storage.k8s.io: CSIDriver! CSINode! CSIStorageCapacity StorageClass!(sc) VolumeAttachment! VolumeAttributesClass!(vac)
storagemigration.k8s.io: StorageVersionMigration!
gateway.networking.k8s.io: BackendTLSPolicy GRPCRoute GatewayClass!(gc) Gateway(gtw) HTTPRoute ReferenceGrant(refgrant)
gateway.networking.k8s.io: TCPRoute TLSRoute UDPRoute
policy.networking.k8s.io: AdminNetworkPolicy!(anp) BaselineAdminNetworkPolicy!(banp) ClusterNetworkPolicy!(cnp)
projectcalico.org: GlobalNetworkPolicy!(gnp) GlobalNetworkSet! HostEndpoint! IPPool! NetworkPolicy NetworkSet Tier!
projectcalico.org: Profile! StagedGlobalNetworkPolicy! StagedKubernetesNetworkPolicy StagedNetworkPolicy
crd.projectcalico.org: GlobalNetworkPolicy! GlobalNetworkSet! HostEndpoint! IPPool! NetworkPolicy NetworkSet Tier!
cilium.io: CiliumCIDRGroup! CiliumClusterwideNetworkPolicy!(ccnp) CiliumEndpoint(cep) CiliumIdentity! CiliumNode!
cilium.io: CiliumNetworkPolicy(cnp)
security.istio.io: AuthorizationPolicy(ap) PeerAuthentication(pa) RequestAuthentication(ra)
networking.istio.io: DestinationRule(dr) Gateway(gw) ServiceEntry(se) Sidecar VirtualService(vs)
route.openshift.io: Route
crd.antrea.io: ClusterNetworkPolicy!(acnp) NetworkPolicy(annp)
k8s.ovn.org: EgressFirewall
network.openshift.io: EgressNetworkPolicy
networking.gke.io: FQDNNetworkPolicy
networking.k8s.aws: ApplicationNetworkPolicy ClusterNetworkPolicy!
policy.linkerd.io: Server
security.openshift.io: SecurityContextConstraints!(scc)
kyverno.io: ClusterPolicy!(cpol) Policy(pol)
monitoring.coreos.com: Alertmanager PodMonitor Probe Prometheus PrometheusRule ServiceMonitor ThanosRuler
cert-manager.io: Certificate CertificateRequest ClusterIssuer! Issuer
chaos-mesh.org: DNSChaos HTTPChaos IOChaos NetworkChaos PodChaos Schedule StressChaos TimeChaos Workflow
litmuschaos.io: ChaosEngine ChaosExperiment ChaosResult
wgpolicyk8s.io: ClusterPolicyReport! PolicyReport
openreports.io: ClusterReport! Report
seaworthy.dev: Claim Experiment Probe Suppression
`;

/** Endings that do not follow English. */
const PLURALS: Readonly<Record<string, string>> = {
  Endpoints: 'endpoints',
  SecurityContextConstraints: 'securitycontextconstraints',
};

/** `NetworkPolicy` is served as `networkpolicies`: the plural an API gives a kind by convention. */
export function conventionalPlural(kind: string): string {
  const lower = kind.toLowerCase();
  const given = PLURALS[kind];
  if (given !== undefined) return given;
  if (/[^aeiou]y$/.test(lower)) return `${lower.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(lower) ? `${lower}es` : `${lower}s`;
}

/** Every kind we know by name, with its group and scope. */
export const KNOWN_KINDS: readonly KnownKind[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [group = '', kinds = ''] = line.split(/: /).map((part) => part.replace(/^:$/, ''));
    return [...kinds.matchAll(/(\w+)(!?)(?:\(([\w,]+)\))?/g)].map(([, kind = '', cluster, short]) => ({
      kind,
      group: group.replace(/^:/, ''),
      resource: conventionalPlural(kind),
      shortNames: short?.split(',') ?? [],
      namespaced: cluster === '',
    }));
  });

const BY_KEY = new Map(KNOWN_KINDS.map((known) => [keyOf(known), known]));

/** A kind by its key; undefined for a custom resource nobody has told us of. */
export function knownKind(key: KindKey): KnownKind | undefined {
  return BY_KEY.get(key);
}

const BY_NAME = new Map<string, KindKey>();
for (const known of KNOWN_KINDS) {
  for (const name of [known.kind.toLowerCase(), known.resource, ...known.shortNames]) {
    if (!BY_NAME.has(name)) BY_NAME.set(name, keyOf(known)); // the first, a built-in one, has the bare name
    if (known.group !== '') BY_NAME.set(`${name}.${known.group}`, keyOf(known));
  }
}

/**
 * The key of a kind as a person writes it: `NetworkPolicy`, `networkpolicies`, `netpol`,
 * `networkpolicy.networking.k8s.io`. A kind nobody knows is taken as written.
 */
export function kindKeyOf(written: string): KindKey {
  return BY_NAME.get(written.trim().toLowerCase()) ?? written.trim();
}

/** Every word by which a person may name a known kind. */
export function kindNames(): readonly string[] {
  return [...KNOWN_KINDS.map(({ kind }) => kind), ...BY_NAME.keys()];
}

function keyOf(known: KnownKind): KindKey {
  return known.group === '' ? known.kind : `${known.kind}.${known.group}`;
}
