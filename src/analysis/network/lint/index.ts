import { andOrSlip } from './and-or-slip.ts';
import { blockOnPodAddresses } from './block-on-pod-addresses.ts';
import { blockOnServiceAddresses } from './block-on-service-addresses.ts';
import { cniDoesNotEnforce } from './cni-does-not-enforce.ts';
import type { Lint } from './define-lint.ts';
import { denyThatAllows } from './deny-that-allows.ts';
import { dnsForgotten } from './dns-forgotten.ts';
import { emptyPeerList } from './empty-peer-list.ts';
import { equalPriority } from './equal-priority.ts';
import { halfIsolated } from './half-isolated.ts';
import { hostNetworkInert } from './host-network-inert.ts';
import { ignoredRules } from './ignored-rules.ts';
import { ingressControllerBlocked } from './ingress-controller-blocked.ts';
import { labelTypo } from './label-typo.ts';
import { metadataAddressOpen } from './metadata-address-open.ts';
import { metricsBlocked } from './metrics-blocked.ts';
import { namedPortMissing } from './named-port-missing.ts';
import { namespaceNameLabel } from './namespace-name-label.ts';
import { notInTypo } from './not-in-typo.ts';
import { oneFamilyOnly } from './one-family-only.ts';
import { openToEveryone } from './open-to-everyone.ts';
import { peerMatchesNothing } from './peer-matches-nothing.ts';
import { redundantPolicy } from './redundant-policy.ts';
import { redundantRule } from './redundant-rule.ts';
import { selectsNothing } from './selects-nothing.ts';
import { serviceLabels } from './service-labels.ts';
import { servicePort } from './service-port.ts';
import { shadowedRule } from './shadowed-rule.ts';
import { vacuousPolicy } from './vacuous-policy.ts';
import { webhookBlocked } from './webhook-blocked.ts';
import { wrongNamespace } from './wrong-namespace.ts';

export type { Fix, Lint } from './define-lint.ts';
export { runLints, type LintResult } from './run-lints.ts';

/** Every lint, the worst first. */
export const LINTS: readonly Lint[] = [
  cniDoesNotEnforce,
  denyThatAllows,
  openToEveryone,
  andOrSlip,
  ignoredRules,
  wrongNamespace,
  serviceLabels,
  labelTypo,
  notInTypo,
  namespaceNameLabel,
  metadataAddressOpen,
  servicePort,
  blockOnServiceAddresses,
  ingressControllerBlocked,
  webhookBlocked,
  emptyPeerList,
  vacuousPolicy,
  selectsNothing,
  dnsForgotten,
  namedPortMissing,
  hostNetworkInert,
  oneFamilyOnly,
  blockOnPodAddresses,
  metricsBlocked,
  equalPriority,
  shadowedRule,
  halfIsolated,
  peerMatchesNothing,
  redundantPolicy,
  redundantRule,
];
