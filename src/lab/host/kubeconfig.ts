import { stringify } from 'yaml';

/** Name of the context that leads to a lab. */
export const LAB_CONTEXT = 'seaworthy-lab';

/** A kubeconfig for one cluster and one user, all inline: no other file is needed to use it. */
export function kubeconfigText(access: {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
}): string {
  const name = LAB_CONTEXT;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server: access.server, 'certificate-authority-data': Buffer.from(access.ca).toString('base64') },
      },
    ],
    users: [{ name: `${name}-admin`, user: { token: access.token } }],
    contexts: [{ name, context: { cluster: name, user: `${name}-admin`, namespace: 'default' } }],
    'current-context': name,
  });
}
