import { becauseOfGap, type Because } from '../../../model/because.ts';
import { at } from '../../../model/json.ts';
import type { Resource } from '../../../model/snapshot.ts';
import { CLUSTER_ROLE_BINDING, ROLE_BINDING } from '../../access/kinds.ts';
import type { CheckContext } from '../context.ts';
import { defineCheck } from '../define-check.ts';
import { becauseOfPlace, type Place } from '../examined.ts';
import { serviceAccountNameOf, type PodSubject } from '../pod-subject.ts';
import { everyPod } from '../subjects.ts';

/**
 * A token that nobody needs is a credential for whoever gets in. A service account that some binding names is taken
 * to need its token; one that holds nothing is not.
 */
export const saTokenAutomount = defineCheck({
  id: 'sa-token-automount',
  title: 'A pod carries a token it does not need',
  holds: 'Tokens are mounted only where the service account holds permissions',
  severity: 'medium',
  examines: everyPod,
  alsoReads: ['ServiceAccount', ROLE_BINDING, CLUSTER_ROLE_BINDING],
  frameworks: { cis: ['5.1.6'], nsa: ['authentication'], attack: ['T1552.007', 'T1528'], owasp: ['K02', 'K03'] },
  messages: {
    asked: ({ account }: { readonly account: string }) =>
      `the pod asks for a token of service account ${account}, which no role is bound to`,
    byDefault: ({ account }: { readonly account: string }) =>
      `a token of service account ${account} is mounted by default, and no role is bound to it`,
  },
  *run(pod, report, context) {
    const account = serviceAccountNameOf(pod.spec);
    const mounted = isMounted(pod, account, context);
    if (mounted.answer === 'no') return;
    if (mounted.answer === 'unknown') {
      yield report.unknown(`whether a token of service account ${account} is mounted is not known`, mounted.because);
      return;
    }
    const binding = bindingOf(account, pod.namespace, context);
    if (binding !== undefined) {
      yield report.notApplicable(
        `service account ${account} holds permissions by ${binding}, so the token is taken to be needed`,
      );
      return;
    }
    const gaps = context.snapshot.gaps([ROLE_BINDING, CLUSTER_ROLE_BINDING], pod.namespace);
    if (gaps.length > 0) {
      yield report.unknown(`whether service account ${account} holds permissions is not known`, gaps.map(becauseOfGap));
      return;
    }
    yield report(
      mounted.place ? 'asked' : 'byDefault',
      { account },
      mounted.place ?? automountPlace(pod),
      mounted.because,
    );
  },
});

type Mounted =
  | { readonly answer: 'no' }
  | { readonly answer: 'yes'; readonly place?: Place; readonly because: readonly Because[] }
  | { readonly answer: 'unknown'; readonly because: readonly Because[] };

/** The pod's own word counts first, then the service account's; without either a token is mounted. */
function isMounted(pod: PodSubject, account: string, context: CheckContext): Mounted {
  const own = pod.spec['automountServiceAccountToken'];
  if (own === false) return { answer: 'no' };
  if (own === true) return { answer: 'yes', place: automountPlace(pod), because: [] };
  const resource: Resource | undefined = context.snapshot.get('ServiceAccount', pod.namespace, account);
  if (resource) {
    const path = ['automountServiceAccountToken'];
    if (at(resource.object, ...path) === false) return { answer: 'no' };
    return {
      answer: 'yes',
      because: [becauseOfPlace({ resource, path }, `ServiceAccount ${account} does not forbid it`)],
    };
  }
  const gaps = context.snapshot.gaps(['ServiceAccount'], pod.namespace);
  if (gaps.length > 0) return { answer: 'unknown', because: gaps.map(becauseOfGap) };
  const says = `ServiceAccount ${account} is not in what was read`;
  const because: Because = { kind: 'absence', of: `ServiceAccount ${pod.namespace}/${account}`, says };
  // Every namespace has the account `default`, made by a controller and without a word on tokens.
  return account === 'default' ? { answer: 'yes', because: [because] } : { answer: 'unknown', because: [because] };
}

function automountPlace(pod: PodSubject): Place {
  return pod.place('spec', 'automountServiceAccountToken');
}

/** The first binding that names the account itself; what all service accounts hold says nothing about need. */
function bindingOf(account: string, namespace: string, context: CheckContext): string | undefined {
  const user = `system:serviceaccount:${namespace}:${account}`;
  const found = context.access.bindings.find(
    ({ subjects, role }) =>
      role !== 'missing' &&
      subjects.some((s) =>
        s.kind === 'ServiceAccount'
          ? s.name === account && s.namespace === namespace
          : s.kind === 'User' && s.name === user,
      ),
  );
  return found && `${found.ref.kind} ${found.ref.name}`;
}
