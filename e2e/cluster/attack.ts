import type { FixSet, ProofReport } from '../../src/analysis/attack/index.ts';
import type { ClusterClient } from '../../src/cluster/types.ts';
import type { ClaimInput } from '../../src/claims/schema/claim.ts';
import type { VerificationReport } from '../../src/report/types.ts';
import { ADMIN } from './chain.ts';
import { document } from './program.ts';
import { until } from './stage.ts';
import type { Tally } from './tally.ts';

const QUESTION = ['--from', 'Internet', '--to', 'Root'];

/** The hops of the planted chain, by kind. */
const CHAIN = ['A1', 'A2', 'H1', 'A2', 'H3', 'D1', 'F7', 'E9'];

/** The chain is believed not to be there. */
export const ATTACK_CLAIM: ClaimInput = {
  apiVersion: 'seaworthy.dev/v1alpha1',
  kind: 'Claim',
  metadata: { name: 'the-internet-does-not-lead-to-root', namespace: ADMIN },
  spec: { attackPath: { from: 'Internet', to: 'Root', expect: 'none' } },
};

export interface AttackStage {
  readonly cluster: ClusterClient;
  /** Files: what a scanner says, and the claim. */
  readonly reports: string;
  readonly claim: string;
  readonly run: Parameters<typeof document>[1] & { readonly signal: AbortSignal };
  readonly tally: Tally;
}

/** The planted chain is proven hop by hop, the claim against it is seen violated, and both end with the proposed fix. */
export async function checkAttack({ cluster, reports, claim, run, tally }: AttackStage): Promise<void> {
  const prove = (): Promise<ProofReport> =>
    document<ProofReport>(['paths', 'prove', ...QUESTION, '--with', reports], run);
  const verify = async (): Promise<VerificationReport['claims'][number] | undefined> => {
    const asked = ['verify', '--no-derive', '--claims', claim, '--with', reports, '--level', 'observed'];
    return (await document<VerificationReport>(asked, run)).claims[0];
  };

  tally.step('paths prove: the planted chain, hop by hop');
  const before = await prove();
  const kinds = before.hops.map(({ kind }) => kind).join(' ');
  tally.check('the path is the planted chain', kinds === CHAIN.join(' '), kinds);
  for (const { id, verdict, seen } of before.hops)
    tally.check(`${id} is proven`, verdict === 'proven', `${verdict}: ${seen.map(({ says }) => says).join('; ')}`);
  const judged = await verify();
  tally.check(
    'the claim that there is none is seen violated',
    judged?.verdict === 'violated' && judged.level === 'observed',
    `${judged?.verdict} (${judged?.level}): ${judged?.because.map(({ says }) => says).join('; ')}`,
  );

  tally.step('paths fix: the proposed change is made');
  const fix = await document<FixSet>(['paths', 'fix', ...QUESTION, '--with', reports], run);
  tally.check(
    'the fix is one change',
    fix.outcome === 'fixed' && fix.changes.length === 1,
    JSON.stringify(fix.changes),
  );
  for (const change of fix.changes) await apply(change, cluster);
  let after = await prove();
  await until('the pods are as the fix wants them', run.signal, async () => {
    after = await prove();
    return after.paths[0]?.verdict === 'none';
  });
  tally.check(`after "${fix.changes[0]?.says}" there is no path`, after.paths[0]?.verdict === 'none');
  const again = await verify();
  tally.check(
    'the claim that there is none is seen to hold',
    again?.verdict === 'holds' && again.level === 'observed',
    `${again?.verdict}: ${again?.because.map(({ says }) => says).join('; ')}`,
  );
}

/** Makes a change that sets a field, where the way there leads through no list. Throws for another. */
async function apply({ object, field, action, value, says }: FixSet['changes'][number], cluster: ClusterClient) {
  if (action !== 'set' || field === '' || field.includes('[')) throw new Error(`no way to make the change: ${says}`);
  const patch = field.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const apiVersion = object.kind === 'Deployment' ? 'apps/v1' : 'v1';
  const changed = await cluster.patch({ apiVersion, ...object }, 'merge', patch);
  if (changed.kind !== 'ok') throw new Error(`${says}: ${changed.because}`);
}
