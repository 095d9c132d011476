import type { Lint } from './define-lint.ts';
import { dnsForgotten } from './dns-forgotten.ts';
import { equalPriority } from './equal-priority.ts';
import { hostNetworkInert } from './host-network-inert.ts';
import { metadataAddressOpen } from './metadata-address-open.ts';
import { namedPortMissing } from './named-port-missing.ts';
import { oneFamilyOnly } from './one-family-only.ts';
import { openToEveryone } from './open-to-everyone.ts';
import { peerMatchesNothing } from './peer-matches-nothing.ts';
import { selectsNothing } from './selects-nothing.ts';
import { servicePort } from './service-port.ts';

export { runLints, type Lint, type LintResult } from './define-lint.ts';

/** Every lint, the worst first. */
export const LINTS: readonly Lint[] = [
  openToEveryone,
  metadataAddressOpen,
  servicePort,
  selectsNothing,
  dnsForgotten,
  namedPortMissing,
  hostNetworkInert,
  oneFamilyOnly,
  equalPriority,
  peerMatchesNothing,
];
