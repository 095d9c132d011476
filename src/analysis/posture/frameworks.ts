import type { NsaChapter } from './types.ts';

/** MITRE ATT&CK techniques that checks refer to, with their names. */
export const ATTACK_TECHNIQUES: Readonly<Record<string, string>> = {
  T1046: 'Network Service Discovery',
  T1068: 'Exploitation for Privilege Escalation',
  T1070: 'Indicator Removal',
  T1078: 'Valid Accounts',
  'T1098.006': 'Account Manipulation: Additional Container Cluster Roles',
  T1105: 'Ingress Tool Transfer',
  T1133: 'External Remote Services',
  T1190: 'Exploit Public-Facing Application',
  'T1204.003': 'User Execution: Malicious Image',
  T1485: 'Data Destruction',
  T1496: 'Resource Hijacking',
  T1499: 'Endpoint Denial of Service',
  T1525: 'Implant Internal Image',
  T1528: 'Steal Application Access Token',
  'T1543.005': 'Create or Modify System Process: Container Service',
  'T1552.001': 'Unsecured Credentials: Credentials In Files',
  'T1552.005': 'Unsecured Credentials: Cloud Instance Metadata API',
  'T1552.007': 'Unsecured Credentials: Container API',
  T1557: 'Adversary-in-the-Middle',
  T1609: 'Container Administration Command',
  T1610: 'Deploy Container',
  T1611: 'Escape to Host',
  T1613: 'Container and Resource Discovery',
};

/** OWASP Kubernetes Top 10, 2025. */
export const OWASP_RISKS: Readonly<Record<string, string>> = {
  K01: 'Workload configuration',
  K02: 'Authorization',
  K03: 'Secrets',
  K04: 'Policy enforcement',
  K05: 'Network segmentation',
  K06: 'Exposure',
  K07: 'Components',
  K08: 'Cluster to cloud',
  K09: 'Authentication',
  K10: 'Logging',
};

/** Recommendations of the CIS Kubernetes Benchmark v1.12 that checks refer to, in our words. */
export const CIS_RECOMMENDATIONS: Readonly<Record<string, string>> = {
  '1.2.1': 'Anonymous requests',
  '1.2.3': 'DenyServiceExternalIPs',
  '5.1.1': 'cluster-admin only where required',
  '5.1.2': 'Access to Secrets',
  '5.1.3': 'Wildcards in roles',
  '5.1.4': 'Creating pods',
  '5.1.5': 'Default service accounts',
  '5.1.6': 'Service account tokens only where necessary',
  '5.1.7': 'The system:masters group',
  '5.1.8': 'bind, escalate and impersonate',
  '5.1.9': 'Creating persistent volumes',
  '5.1.10': 'The proxy subresource of nodes',
  '5.1.11': 'Approving certificate signing requests',
  '5.1.12': 'Webhook configurations',
  '5.1.13': 'Creating service account tokens',
  '5.2.2': 'Privileged containers',
  '5.2.3': 'The host process namespace',
  '5.2.4': 'The host IPC namespace',
  '5.2.5': 'The host network namespace',
  '5.2.6': 'Privilege escalation',
  '5.2.7': 'Root containers',
  '5.2.8': 'The NET_RAW capability',
  '5.2.9': 'Added capabilities',
  '5.2.10': 'Windows HostProcess containers',
  '5.2.11': 'HostPath volumes',
  '5.2.12': 'Host ports',
  '5.3.2': 'Network policies in every namespace',
  '5.4.1': 'Secrets as files rather than environment variables',
  '5.5.1': 'Image provenance',
  '5.6.2': 'Seccomp profiles',
  '5.6.3': 'Security contexts',
  '5.6.4': 'The default namespace',
};

/** Chapters of the NSA/CISA Kubernetes Hardening Guide v1.2. */
export const NSA_CHAPTERS: Readonly<Record<NsaChapter, string>> = {
  pods: 'Kubernetes Pod security',
  network: 'Network separation and hardening',
  authentication: 'Authentication and authorization',
  logging: 'Audit logging and threat detection',
  upgrade: 'Upgrading and application security practices',
};
