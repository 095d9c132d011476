import type { KubernetesObject } from '../../model/object.ts';
import type { JsonRecord } from '../../model/json.ts';

/** A pod that breaks one control of the Pod Security Standards and keeps to all others of its level. */
export interface CorpusPod {
  /** Id of the control, lower case, as upstream reports it. */
  readonly control: string;
  readonly pod: KubernetesObject;
}

const HARDENED_POD: JsonRecord = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const HARDENED: JsonRecord = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

interface Flaw {
  readonly control: string;
  readonly spec?: JsonRecord;
  readonly pod?: JsonRecord;
  readonly container?: JsonRecord;
  readonly security?: JsonRecord;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What each pod does that its level forbids; everything else about it is as restricted asks. */
const BASELINE: readonly Flaw[] = [
  { control: 'privileged', security: { privileged: true, allowPrivilegeEscalation: true } },
  { control: 'hostnamespaces', spec: { hostPID: true } },
  { control: 'hostnamespaces', spec: { hostNetwork: true } },
  { control: 'hostpathvolumes', spec: { volumes: [{ name: 'host', hostPath: { path: '/' } }] } },
  { control: 'hostports', container: { ports: [{ containerPort: 8080, hostPort: 8080 }] } },
  { control: 'capabilities_baseline', security: { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } },
  { control: 'procmount', spec: { hostUsers: true }, security: { procMount: 'Unmasked' } },
  { control: 'seccompprofile_baseline', pod: { seccompProfile: { type: 'Unconfined' } } },
  { control: 'selinuxoptions', pod: { seLinuxOptions: { user: 'system_u' } } },
  { control: 'sysctls', pod: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } },
];

const RESTRICTED: readonly Flaw[] = [
  { control: 'allowprivilegeescalation', security: { allowPrivilegeEscalation: true } },
  { control: 'capabilities_restricted', security: { capabilities: { drop: [] } } },
  { control: 'runasnonroot', pod: { runAsNonRoot: false } },
  { control: 'runasuser', pod: { runAsUser: 0, runAsNonRoot: true } },
  { control: 'seccompprofile_restricted', pod: { seccompProfile: undefined } },
  { control: 'restrictedvolumes', spec: { volumes: [{ name: 'nfs', nfs: { server: '192.0.2.1', path: '/' } }] } },
];

/** The pods of a corpus. Restricted forbids what baseline forbids, so its corpus holds both. */
export function corpusOf(level: 'baseline' | 'restricted'): readonly CorpusPod[] {
  return (level === 'baseline' ? BASELINE : [...BASELINE, ...RESTRICTED]).map(corpusPod);
}

function corpusPod(flaw: Flaw, index: number): CorpusPod {
  const { control, spec, pod, container, security } = flaw;
  return {
    control,
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `seaworthy-${control.replaceAll('_', '-')}-${index}` },
      spec: {
        securityContext: { ...HARDENED_POD, ...pod },
        containers: [
          {
            name: 'main',
            image: 'registry.k8s.io/pause:3.10',
            ...container,
            securityContext: { ...HARDENED, ...security },
          },
        ],
        ...spec,
      },
    },
  };
}
