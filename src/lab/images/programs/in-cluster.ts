import { readFileSync } from 'node:fs';
import { createApiClient, type ApiClient } from '../../client/api-client.ts';

const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The API server as any program in a pod finds it: by environment and service-account files. */
export function inClusterClient(): ApiClient {
  return createApiClient({
    kind: 'tls',
    host: process.env['KUBERNETES_SERVICE_HOST'] ?? 'kubernetes.default.svc',
    port: Number(process.env['KUBERNETES_SERVICE_PORT'] ?? '443'),
    ca: readFileSync(`${DIRECTORY}/ca.crt`, 'utf8'),
    token: readFileSync(`${DIRECTORY}/token`, 'utf8'),
  });
}
