import { at, list, records, text } from '../../../model/json.ts';
import { forbidden } from '../http/status.ts';
import { child, children, type Fields } from '../objects.ts';
import { randomSuffix } from '../operations/random-suffix.ts';
import type { AdmissionPlugin } from './plugin.ts';

const MOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A little more than an hour, so that a token is renewed while the old one still counts. */
const TOKEN_SECONDS = 3607;

/** Gives a pod its service account, and the account's token as a projected volume, unless pod or account say no. */
export const serviceAccount: AdmissionPlugin = ({ core, kind, draft, operation }) => {
  if (kind.resource !== 'pods' || operation !== 'CREATE') return;
  const spec = child(draft, 'spec');
  if (draft.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
  const name = text(spec['serviceAccountName']) || 'default';
  Object.assign(spec, { serviceAccountName: name, serviceAccount: name });
  const account = core.store.get('serviceaccounts', draft.metadata.namespace, name);
  if (!account) {
    const { namespace } = draft.metadata;
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(kind, draft.metadata.name, why);
  }
  if (spec['imagePullSecrets'] === undefined && list(account['imagePullSecrets']).length > 0) {
    spec['imagePullSecrets'] = structuredClone(account['imagePullSecrets']);
  }
  const wanted = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
  if (wanted === true) mountToken(spec);
};

function mountToken(spec: Fields): void {
  const existing = records(spec['volumes']).find(([, volume]) => text(volume['name'])?.startsWith('kube-api-access-'));
  const volume = text(existing?.[1]['name']) ?? `kube-api-access-${randomSuffix()}`;
  let mounted = false;
  for (const container of [...children(spec, 'initContainers'), ...children(spec, 'containers')]) {
    if (records(container['volumeMounts']).some(([, mount]) => at(mount, 'mountPath') === MOUNT)) continue;
    container['volumeMounts'] = [
      ...list(container['volumeMounts']),
      { name: volume, readOnly: true, mountPath: MOUNT },
    ];
    mounted = true;
  }
  if (mounted && !existing) spec['volumes'] = [...list(spec['volumes']), tokenVolume(volume)];
}

function tokenVolume(name: string): Fields {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}
