import { stringMap } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** A token in a Secret never expires and is bound to no pod: whoever copies it has it until the Secret is deleted. */
export const legacySaToken = defineCheck({
  id: 'legacy-sa-token',
  title: 'A service account has a token that never expires',
  holds: 'The Secret is no service account token',
  severity: 'medium',
  examines: objectsOf('Secret'),
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
