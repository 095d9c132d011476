import { kindKey, type KindKey } from '../../../model/object.ts';
import type { AdmissionPlugin } from './plugin.ts';

const WEBHOOKS = 'this lab stores webhook configurations and does not call webhooks';
const POLICIES = 'this lab stores admission policies and does not evaluate them';
const QUOTAS = 'this lab stores quotas and limit ranges and does not enforce them';

const NOT_OBEYED: Readonly<Record<KindKey, string>> = {
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': WEBHOOKS,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': WEBHOOKS,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': POLICIES,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': POLICIES,
  'MutatingAdmissionPolicy.admissionregistration.k8s.io': POLICIES,
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io': POLICIES,
  ResourceQuota: QUOTAS,
  LimitRange: QUOTAS,
  'CustomResourceDefinition.apiextensions.k8s.io':
    'this lab serves custom kinds without validating or pruning them against their schema',
  'Ingress.networking.k8s.io': 'this lab stores Ingress objects and runs no ingress controller',
};

/** Says, where an object changes nothing in the lab, that it changes nothing. */
export const storedOnly: AdmissionPlugin = ({ call, draft }) => {
  const sentence = NOT_OBEYED[kindKey(draft.apiVersion, draft.kind)];
  if (sentence !== undefined) call.warnings.push(sentence);
};
