import { API_VERSION } from '../model/api-version.ts';
import { formatDuration } from '../model/duration.ts';
import type { Claim } from './claim.ts';
import { statementOf } from './judge.ts';
import type { ClaimInput } from './schema/claim.ts';

/** A claim as a document that `readClaims` reads back, with its sentence spelled out. */
export function claimDocument(claim: Claim): ClaimInput {
  const { name, namespace, severity, owner, validForMs, kind, spec } = claim;
  return {
    apiVersion: API_VERSION,
    kind: 'Claim',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      statement: statementOf(claim),
      severity,
      ...(owner === undefined ? {} : { owner }),
      ...(validForMs === undefined ? {} : { validFor: formatDuration(validForMs) }),
      [kind]: spec,
    },
  };
}
