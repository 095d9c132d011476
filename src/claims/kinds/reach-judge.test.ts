import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../model/object.ts';
import { createSnapshot } from '../../model/snapshot.ts';
import { deriveClaims } from '../derive/index.ts';
import { createFacts, type Facts } from '../facts.ts';
import { judge } from '../judge.ts';
import { parseClaims } from '../read-claims.ts';

const SHOP = join(import.meta.dirname, '..', '..', '..', 'examples', 'shop');
const objects = ['00-namespaces', '10-shop', '20-payments', '30-admin', '40-ci', '50-network-policies'].flatMap(
  (file) =>
    parseAllDocuments(readFileSync(join(SHOP, 'manifests', `${file}.yaml`), 'utf8')).flatMap(
      (document) => (document.toJS() as KubernetesObject | null) ?? [],
    ),
);
const given = parseClaims(readFileSync(join(SHOP, 'claims.yaml'), 'utf8'), 'claims.yaml');

/** The same facts, with every workload asked about for itself. */
function oneByOne(snapshot: Facts['snapshot']): Facts {
  const facts = createFacts(snapshot);
  const network = { ...facts.network, alike: () => undefined };
  return Object.create(facts, { network: { value: network } }) as Facts;
}

test('asking about those that are alike together gives the verdicts and offenders of asking one by one', () => {
  fc.assert(
    fc.property(fc.subarray(objects, { minLength: 15 }), (some) => {
      const source = { kind: 'files', description: 'shop' } as const;
      const snapshot = createSnapshot({ source, resources: some.map((object) => ({ object })) });
      const facts = createFacts(snapshot);
      const claims = [...given, ...deriveClaims(facts)].filter(({ kind }) => kind === 'reach');
      const outcome = (of: Facts) =>
        judge(claims, of).map(({ claim, verdict, because: [first] }) => [
          claim,
          verdict,
          verdict === 'violated' ? first?.says : '',
        ]);
      expect(outcome(facts)).toEqual(outcome(oneByOne(snapshot)));
    }),
    { numRuns: 25 },
  );
});
