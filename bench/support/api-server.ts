import { createApiServer } from '../../src/lab/api/server.ts';

/** The lab's API server on a port of this machine, without nodes, for a parent process: tells it the kubeconfig and stays. */
const nowhere = (): never => {
  throw new Error('there are no nodes here');
};
const api = createApiServer({ runtime: { exec: nowhere, logs: nowhere, dial: nowhere, kubeletGet: nowhere } });
const { port } = await api.listen({ kind: 'https', host: '127.0.0.1', port: 0 });
const authority = Buffer.from(api.ca).toString('base64');
process.send?.(
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [
      { name: 'bench', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority } },
    ],
    users: [{ name: 'bench', user: { token: api.adminToken } }],
  }),
);
