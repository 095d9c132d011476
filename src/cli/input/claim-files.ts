import { claimId, type Claim } from '../../claims/claim.ts';
import { deriveClaims } from '../../claims/derive/index.ts';
import { createFacts, type Facts } from '../../claims/facts.ts';
import { parseClaims } from '../../claims/read-claims.ts';
import { SeaworthyError } from '../../model/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Io } from '../io.ts';
import { readInputText } from './input-file.ts';

/** The facts of a snapshot, suppressions judged on this day. */
export function factsOf(snapshot: Snapshot, io: Io): Facts {
  return createFacts(snapshot, { today: io.now().toISOString().slice(0, 10) });
}

/** The claims of files, and those the configuration implies; a written claim takes the place of a derived one of its id. */
export function claimsFor(facts: Facts, given: readonly Claim[], derive: boolean): readonly Claim[] {
  const named = new Set(given.map(claimId));
  return [...given, ...(derive ? deriveClaims(facts).filter((claim) => !named.has(claimId(claim))) : [])];
}

const FIRST_CLAIMS = "'seaworthy claims derive' writes a first set of claims.";

/** Reads files of claims. Throws SW_CLAIMS_NOT_FOUND, SW_CLAIM_INVALID and its like. */
export async function readClaimFiles(files: readonly string[], io: Io): Promise<readonly Claim[]> {
  const read = await Promise.all(files.map(async (file) => parseClaims(await readClaimText(file, io), file)));
  const empty = files.find((_, index) => read[index]?.length === 0);
  if (empty !== undefined)
    throw new SeaworthyError('SW_CLAIMS_NOT_FOUND', `there is no claim in ${empty}`, { hint: FIRST_CLAIMS });
  return read.flat();
}

/** The text of a file of claims. Throws SW_CLAIMS_NOT_FOUND. */
export function readClaimText(file: string, io: Io): Promise<string> {
  return readInputText(file, io, {
    code: 'SW_CLAIMS_NOT_FOUND',
    hint: FIRST_CLAIMS,
  });
}
