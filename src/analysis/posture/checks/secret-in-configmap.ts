import { becauseOfGap } from '../../../model/because.ts';
import { stringMap } from '../../../model/json.ts';
import { withheld } from '../../../model/snapshot.ts';
import { credentialIn, isNamedCredential, LOOKS_LIKE_ONE } from '../credentials.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** Kubernetes puts it into every namespace: the certificate of the API server's authority, and nothing else. */
const ROOT_CERTIFICATE = 'kube-root-ca.crt';

/** ConfigMaps are readable by far more people and programs than Secrets, and are never encrypted at rest. */
export const secretInConfigmap = defineCheck({
  id: 'secret-in-configmap',
  title: 'A ConfigMap holds a credential',
  holds: 'No ConfigMap holds a credential',
  severity: 'high',
  examines: { ...objectsOf('ConfigMap'), fields: [] },
  frameworks: { cis: ['5.4.1'], nsa: ['authentication'], attack: ['T1552.001'], owasp: ['K03'] },
  messages: {
    holds: ({ key, what }: { readonly key: string; readonly what: string }) => `key ${key} holds ${what}`,
  },
  *run(resource, report, { snapshot }) {
    const { namespace, name } = resource.object.metadata;
    const gaps = withheld(snapshot, 'ConfigMap', 'data', namespace);
    if (resource.object['data'] === undefined && name !== ROOT_CERTIFICATE && gaps.length > 0) {
      yield report.unknown('the contents of the ConfigMap were not read', gaps.map(becauseOfGap));
      return;
    }
    for (const [key, value] of Object.entries(stringMap(resource.object['data']))) {
      const isShort = !value.trim().includes('\n');
      const what =
        credentialIn(value) ?? (isShort && isNamedCredential(key, value.trim()) ? LOOKS_LIKE_ONE : undefined);
      if (what !== undefined) yield report('holds', { key, what }, { resource, path: ['data', key] });
    }
  },
});
