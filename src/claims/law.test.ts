import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kindKey, type KubernetesObject } from '../model/object.ts';
import { contentsOf, createSnapshot, withUnreadable, type Snapshot } from '../model/snapshot.ts';
import { readManifests } from '../sources/manifests.ts';
import { fixture } from '../testing/fixtures.ts';
import { claimId, type Claim } from './claim.ts';
import { deriveClaims } from './derive/index.ts';
import { createFacts } from './facts.ts';
import { judge, weigh } from './judge.ts';
import { KINDS } from './kinds/index.ts';
import { parseClaims } from './read-claims.ts';
import type { Evidence } from './types.ts';

const SHOP = join(import.meta.dirname, '..', '..', 'examples', 'shop');
const FILES = ['00-namespaces', '10-shop', '20-payments', '30-admin', '40-ci', '50-network-policies'];
const objects = FILES.flatMap((file) =>
  parseAllDocuments(readFileSync(join(SHOP, 'manifests', `${file}.yaml`), 'utf8')).map(
    (document) => document.toJS() as KubernetesObject,
  ),
).filter((object) => object !== null);
const given = parseClaims(readFileSync(join(SHOP, 'claims.yaml'), 'utf8'), 'claims.yaml');

function snapshotOf(resources: readonly KubernetesObject[]): Snapshot {
  return createSnapshot({
    source: { kind: 'files', description: 'shop' },
    resources: resources.map((object) => ({ object })),
  });
}

function verdicts(claims: readonly Claim[], snapshot: Snapshot): ReadonlyMap<string, string> {
  return new Map(judge(claims, createFacts(snapshot)).map(({ claim, verdict }) => [claim, verdict]));
}

/** What is written of the shop, and what these objects imply. */
function claimsOf(snapshot: Snapshot): readonly Claim[] {
  const named = new Set(given.map(claimId));
  return [...given, ...deriveClaims(createFacts(snapshot)).filter((claim) => !named.has(claimId(claim)))];
}

test('no kind of object made unreadable moves any verdict towards holds', () => {
  fc.assert(
    fc.property(fc.subarray(objects, { minLength: 20 }), fc.nat(), (some, pick) => {
      const snapshot = snapshotOf(some);
      const claims = claimsOf(snapshot);
      const before = verdicts(claims, snapshot);
      const kinds = [...new Set([...snapshot.kinds(), ...Object.values(KINDS).flatMap(({ reads }) => reads)])].sort();
      const hidden = kinds[pick % kinds.length]!;
      const better = [...verdicts(claims, withUnreadable(snapshot, [hidden]))].filter(
        ([id, verdict]) => verdict === 'holds' && before.get(id) !== 'holds',
      );
      expect({ hidden, better }).toEqual({ hidden, better: [] });
    }),
    { numRuns: 30 },
  );
});

test('no single object that could not be read moves any verdict towards holds', () => {
  fc.assert(
    fc.property(fc.subarray(objects, { minLength: 20 }), fc.nat(), fc.boolean(), (some, pick, derivedAnew) => {
      const snapshot = snapshotOf(some);
      const claims = claimsOf(snapshot);
      const before = verdicts(claims, snapshot);
      const hidden = some[pick % some.length]!;
      const smaller = without(some, hidden);
      const judged = verdicts(derivedAnew ? claimsOf(smaller) : claims, smaller);
      const better = [...judged].filter(
        ([id, verdict]) => verdict === 'holds' && (before.get(id) ?? 'holds') !== 'holds',
      );
      expect({ hidden: hidden.metadata.name, better }).toEqual({ hidden: hidden.metadata.name, better: [] });
    }),
    { numRuns: 50 },
  );
});

/** As if the API server had refused this object, and with it what else there may be of its kind in its namespace. */
function without(some: readonly KubernetesObject[], hidden: KubernetesObject): Snapshot {
  const { namespace } = hidden.metadata;
  return createSnapshot({
    ...contentsOf(snapshotOf(some.filter((object) => object !== hidden))),
    gaps: [
      {
        kind: kindKey(hidden.apiVersion, hidden.kind),
        ...(namespace === undefined ? {} : { namespace }),
        reason: 'forbidden',
        detail: `${hidden.kind} could not be read`,
        remedy: 'Grant get.',
      },
    ],
  });
}

const APPS = fixture('apps');
test.runIf(APPS)('claims derived again from less are never truer than those derived from all', async () => {
  for (const app of ['kubernetes-goat', 'sock-shop', 'kube-prometheus']) {
    const snapshot = await readManifests([join(APPS ?? '', app)]);
    const before = verdicts(deriveClaims(createFacts(snapshot)), snapshot);
    for (const kind of snapshot.kinds()) {
      const smaller = withUnreadable(snapshot, [kind]);
      const after = verdicts(deriveClaims(createFacts(smaller)), smaller);
      const better = [...after].filter(
        ([id, verdict]) => verdict === 'holds' && (before.get(id) ?? 'holds') !== 'holds',
      );
      expect({ app, kind, better }).toEqual({ app, kind, better: [] });
    }
  }
});

test('the owners of the shop are told which of their beliefs are false, and no other', () => {
  const snapshot = snapshotOf(objects);
  const facts = createFacts(snapshot);
  const violated = judge([...given, ...deriveClaims(facts)], facts).filter(({ verdict }) => verdict === 'violated');
  expect(violated.map(({ claim }) => claim).sort()).toEqual([
    'admin/console-is-internal',
    'ci/no-privileged-pods-in-ci',
    'payments/ci-cannot-read-payment-secrets',
    'payments/only-checkout-reaches-payments',
    'payments/pdb-payments-store',
    'shop/only-orders-reaches-its-store',
  ]);
});

test('a claim that selects nothing is unknown, never true', () => {
  // Claims of access name their subjects instead of selecting them: an account nobody bound may do nothing.
  const selecting = given.filter(({ kind }) => kind !== 'access');
  const judged = judge(selecting, createFacts(snapshotOf([])));
  expect(judged.filter(({ verdict }) => verdict !== 'unknown')).toEqual([]);
});

const [claim] = given as [Claim];
const piece = (level: Evidence['level'], verdict: Evidence['verdict'], observedAt?: string): Evidence => ({
  level,
  verdict,
  because: [],
  source: `${level} test`,
  ...(observedAt === undefined ? {} : { observedAt }),
});

test('the strongest fresh evidence that says anything decides', () => {
  expect(weigh(claim, [piece('analysed', 'holds'), piece('observed', 'violated')], undefined)).toMatchObject({
    verdict: 'violated',
    level: 'observed',
  });
  expect(weigh(claim, [piece('analysed', 'holds'), piece('observed', 'unknown')], undefined)).toMatchObject({
    verdict: 'holds',
    level: 'analysed',
  });
});

test('a violation that was seen does not expire into a pass', () => {
  const day = { ...claim, validForMs: 86_400_000 };
  const old = '2026-11-01T00:00:00Z';
  const now = '2026-11-21T00:00:00Z';
  expect(weigh(day, [piece('analysed', 'holds'), piece('observed', 'violated', old)], now)).toMatchObject({
    verdict: 'unknown',
  });
  expect(weigh(day, [piece('analysed', 'holds'), piece('observed', 'holds', old)], now)).toMatchObject({
    verdict: 'holds',
    level: 'analysed',
  });
});
