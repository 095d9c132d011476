import { stringMap } from '../../../model/json.ts';
import type { Resource } from '../../../model/snapshot.ts';
import { defineCheck, type SubjectSource } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** Secrets of which more than their names was read; one without a type is Opaque. */
const secretsWithType: SubjectSource<Resource> = {
  ...objectsOf('Secret'),
  fields: ['type'],
  *subjects(context) {
    const withheld = context.snapshot.gaps(['Secret']).some(({ fields }) => fields?.includes('type'));
    for (const examined of objectsOf('Secret').subjects(context))
      if (!withheld || examined.subject.object['type'] !== undefined) yield examined;
  },
};

/** A token in a Secret never expires and is bound to no pod: whoever copies it has it until the Secret is deleted. */
export const legacySaToken = defineCheck({
  id: 'legacy-sa-token',
  title: 'A service account has a token that never expires',
  holds: 'The Secret is no service account token',
  severity: 'medium',
  examines: secretsWithType,
  frameworks: { cis: ['5.1.6'], nsa: ['authentication'], attack: ['T1528'], owasp: ['K03', 'K09'] },
  messages: {
    token: ({ account }: { readonly account: string }) =>
      `the Secret holds a token of service account ${account} that never expires`,
  },
  *run(resource, report) {
    if (resource.object['type'] !== 'kubernetes.io/service-account-token') return;
    const account = stringMap(resource.object.metadata.annotations)['kubernetes.io/service-account.name'] ?? '?';
    yield report('token', { account }, { resource, path: ['type'] });
  },
});
