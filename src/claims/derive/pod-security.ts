import { policyOf } from '../../analysis/admission/pod-security/namespace-policy.ts';
import { refOf } from '../../model/object.ts';
import { stringMap } from '../../model/json.ts';
import { namespaceOf } from '../facts.ts';
import { derived, type Derivation } from './derivation.ts';

/** A namespace that enforces a level of Pod Security is meant to be free of what the level forbids. */
export const podSecurity: Derivation = {
  id: 'pod-security',
  from: 'Namespace',
  title: 'A namespace that enforces a Pod Security level refuses what breaks it, and runs nothing that does',
  derive: (facts) =>
    facts.snapshot.list('Namespace').flatMap(({ object }) => {
      const { level } = policyOf(stringMap(object.metadata.labels)).policy.enforce;
      if (level === 'privileged') return [];
      const namespace = object.metadata.name;
      const from = [refOf(object)];
      const refuses = derived(
        {
          name: `refuses-non-${level}-pods`,
          namespace,
          severity: 'high',
          from,
          rationale: `The namespace is labelled to enforce Pod Security ${level}: whoever set the label relies on it.`,
        },
        { kind: 'admission', spec: { namespaces: [namespace], corpus: `pod-security/${level}`, expect: 'denied' } },
      );
      const inhabited = facts.workloads.some((workload) => namespaceOf(workload) === namespace);
      if (!inhabited) return [refuses];
      const conforms = derived(
        {
          name: 'workloads-would-start-again',
          namespace,
          severity: 'medium',
          from,
          rationale:
            'Pod Security judges pods when they are created: a workload that breaks the level keeps running until its next restart, and then stays down.',
        },
        { kind: 'admission', spec: { namespaces: [namespace], corpus: 'existing-workloads', expect: 'allowed' } },
      );
      return [refuses, conforms];
    }),
};
