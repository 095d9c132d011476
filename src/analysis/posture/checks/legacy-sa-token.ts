import { becauseOfGap } from '../../../model/because.ts';
import { stringMap } from '../../../model/json.ts';
import { withheld } from '../../../model/snapshot.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** A token in a Secret never expires and is bound to no pod: whoever copies it has it until the Secret is deleted. */
export const legacySaToken = defineCheck({
  id: 'legacy-sa-token',
  title: 'A service account has a token that never expires',
  holds: 'The Secret is no service account token',
  severity: 'medium',
  examines: { ...objectsOf('Secret'), fields: [] },
  frameworks: { cis: ['5.1.6'], nsa: ['authentication'], attack: ['T1528'], owasp: ['K03', 'K09'] },
  messages: {
    token: ({ account }: { readonly account: string }) =>
      `the Secret holds a token of service account ${account} that never expires`,
  },
  *run(resource, report, { snapshot }) {
    const account = stringMap(resource.object.metadata.annotations)['kubernetes.io/service-account.name'];
    const { type } = resource.object;
    if (type === 'kubernetes.io/service-account-token') {
      yield report('token', { account: account ?? '?' }, { resource, path: ['type'] });
      return;
    }
    // A token must carry the name of its account: the API server takes none without. So what carries none is no token.
    const gaps = withheld(snapshot, 'Secret', 'type');
    if (type === undefined && account !== undefined && gaps.length > 0) {
      const says = `the Secret names service account ${account}, as its tokens do; the type of the Secret was not read`;
      yield report.unknown(says, gaps.map(becauseOfGap));
    }
  },
});
