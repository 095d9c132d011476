import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { at, text } from '../../model/json.ts';

/** Where a lab's API server is, and its administrator's token. */
export interface LabAccess {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly token: string;
}

/** Read from the kubeconfig that the lab wrote. */
export function accessOf(kubeconfigPath: string): LabAccess {
  const kubeconfig: unknown = parse(readFileSync(kubeconfigPath, 'utf8'));
  const cluster = at(kubeconfig, 'clusters', 0, 'cluster');
  const { hostname, port } = new URL(text(at(cluster, 'server')) ?? '');
  return {
    host: hostname,
    port: Number(port),
    ca: Buffer.from(text(at(cluster, 'certificate-authority-data')) ?? '', 'base64').toString(),
    token: text(at(kubeconfig, 'users', 0, 'user', 'token')) ?? '',
  };
}
