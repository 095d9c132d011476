import { covers } from './escapes.ts';

/*
 * Where the nodes of kubeadm, k3s, RKE2 and minikube keep tokens, keys and kubeconfigs. A mount matters that is such a
 * directory, above it, or below one in which everything but certificates is a key. Source: kubernetes.io, "PKI certificates and
 * requirements" and "Local files and paths used by the kubelet".
 */

/** Directories in which everything but certificates is a credential. */
const KEPT = [
  '/etc/kubernetes/pki',
  '/var/lib/kubelet/pki',
  '/var/lib/kubelet/pods',
  '/root/.kube',
  '/var/lib/etcd',
  '/etc/rancher',
  '/var/lib/rancher/k3s/server',
  '/var/lib/rancher/k3s/agent',
  '/var/lib/rancher/rke2/server',
  '/var/lib/rancher/rke2/agent',
  '/var/lib/minikube/certs',
];

/** Kubeconfigs: /etc/kubernetes/admin.conf and its likes. */
const KUBECONFIG = /^\/(etc\/kubernetes\/[^/]+\.conf|var\/lib\/kubelet\/kubeconfig)$/;

/** What everybody may know. */
const PUBLIC = /\.(crt|pub)$/;

/** Whether a host path is, holds, or lies among credentials of the node. */
export function holdsCredentials(hostPath: string): boolean {
  if (covers(hostPath, '/etc/kubernetes') || KUBECONFIG.test(hostPath)) return true;
  return KEPT.some((directory) => covers(hostPath, directory) || isKeyIn(directory, hostPath));
}

/** Whether a path lies below a directory of keys, and is none of those that are public. */
function isKeyIn(directory: string, hostPath: string): boolean {
  return hostPath.startsWith(`${directory}/`) && !PUBLIC.test(hostPath);
}

/** Whether the tokens and Secrets that pods mount can be read there. */
export function hasPodFiles(hostPath: string): boolean {
  return covers(hostPath, '/var/lib/kubelet/pods');
}

const KUBELET = ['/var/lib/kubelet/pki', '/etc/kubernetes/kubelet.conf', '/var/lib/kubelet/kubeconfig'];

/** Whether the client key of the kubelet can be read there. */
export function hasKubeletIdentity(hostPath: string): boolean {
  const above = [...KUBELET, '/var/lib/rancher/k3s/agent', '/var/lib/rancher/rke2/agent'];
  return above.some((path) => covers(hostPath, path)) || isKeyIn('/var/lib/kubelet/pki', hostPath);
}

/** Certificates of kubeadm:cluster-admins; before 1.29 of system:masters. */
const ADMINISTRATORS = ['/etc/kubernetes/admin.conf', '/etc/kubernetes/pki/apiserver-kubelet-client.key'];

/** What the files of a control-plane node make whoever reads them. */
export type ClusterKey = 'SystemMasters' | 'ClusterAdmin' | 'etcd' | { readonly user: string };

/** Keys of the control plane, the strongest first. What is below /etc/kubernetes/pki/etcd opens etcd to whoever reaches it. */
export function clusterKeyAt(hostPath: string): ClusterKey | undefined {
  if (EVERYTHING.some((path) => covers(hostPath, path))) return 'SystemMasters';
  if (
    ['/var/lib/etcd', '/etc/rancher', '/var/lib/rancher/k3s/server', '/var/lib/rancher/rke2/server'].some((one) =>
      isKeyIn(one, hostPath),
    )
  )
    return 'SystemMasters';
  if (ADMINISTRATORS.includes(hostPath)) return 'ClusterAdmin';
  for (const name of ['controller-manager', 'scheduler'])
    if (hostPath === `/etc/kubernetes/${name}.conf`) return { user: `system:kube-${name}` };
  const isOfEtcd =
    hostPath === '/etc/kubernetes/pki/etcd' ||
    isKeyIn('/etc/kubernetes/pki/etcd', hostPath) ||
    hostPath === '/etc/kubernetes/pki/apiserver-etcd-client.key';
  return isOfEtcd ? 'etcd' : undefined;
}

/**
 * The key of a CA or of the tokens, what the API stores, and certificates of system:masters. The front proxy may speak for
 * anybody.
 */
const EVERYTHING = [
  '/etc/kubernetes/pki/ca.key',
  '/etc/kubernetes/pki/sa.key',
  '/etc/kubernetes/pki/front-proxy-client.key',
  '/etc/kubernetes/super-admin.conf',
  '/var/lib/etcd',
  '/etc/rancher',
  '/var/lib/rancher/k3s/server',
  '/var/lib/rancher/rke2/server',
  '/var/lib/minikube/certs',
];
