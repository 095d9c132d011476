import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SeaworthyError } from '../model/errors.ts';
import { parseClaims, readClaims } from './read-claims.ts';

const HEAD = 'apiVersion: seaworthy.dev/v1alpha1\nkind: Claim\n';
const REACH = 'reach: { from: { internet: true }, to: { pods: {} }, expect: denied }';

function complaints(text: string): readonly string[] {
  return readClaims(text, 'c.yaml').problems.map(
    ({ at, message, hint }) => `${at.line}:${at.column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

test('the claims of the demo shop are read, in order, with their defaults', () => {
  const file = join(import.meta.dirname, '..', '..', 'examples', 'shop', 'claims.yaml');
  const claims = parseClaims(readFileSync(file, 'utf8'), 'claims.yaml');
  expect(claims.map(({ kind }) => kind)).toContain('steadyState');
  expect(claims[0]).toMatchObject({ name: 'only-checkout-reaches-payments', severity: 'critical', at: { line: 2 } });
});

test('lists and JSON are read as well', () => {
  const item = {
    apiVersion: 'seaworthy.dev/v1alpha1',
    kind: 'Claim',
    metadata: { name: 'a' },
    spec: { validFor: '1d', posture: { checks: ['x'] } },
  };
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item] });
  expect(parseClaims(text, 'c.json')).toMatchObject([{ name: 'a', validForMs: 86_400_000, spec: { expect: 'pass' } }]);
});

describe('what is wrong is said at its place', () => {
  test('an unknown field, with the one that was meant', () => {
    expect(complaints(`${HEAD}metadata: { name: a }\nspec:\n  severety: high\n  ${REACH}\n`)).toEqual([
      '5:3 unknown field spec.severety (Did you mean severity?)',
    ]);
  });
  test('an unknown field inside one of several alternatives', () => {
    expect(
      complaints(
        `${HEAD}metadata: { name: a }\nspec: { reach: { from: { internet: true }, to: [{ podz: {} }], expect: denied } }\n`,
      ),
    ).toEqual(['4:51 unknown field spec.reach.to[0].podz (Did you mean pods?)']);
  });
  test('a selector the API server would refuse', () => {
    const text = `${HEAD}metadata: { name: a }\nspec: { reach: { from: { pods: { matchExpressions: [{ key: a, operator: In }] } }, to: { pods: {} }, expect: denied } }`;
    expect(complaints(text)[0]).toMatch(/operator In needs values/);
  });
  test('nobody is a source that only atMost can be about', () => {
    const nobody = (expect: string) =>
      `${HEAD}metadata: { name: a }\nspec: { reach: { from: [], to: { pods: {} }, expect: ${expect} } }`;
    expect(complaints(nobody('atMost'))).toEqual([]);
    for (const word of ['only', 'denied', 'allowed'])
      expect(complaints(nobody(word))[0]).toMatch(/spec\.reach\.from: names nobody: only atMost can be said of nobody/);
  });
  test('no kind, two kinds, a kind whose engine is not built', () => {
    expect(complaints(`${HEAD}metadata: { name: a }\nspec: { severity: low }`)[0]).toMatch(/there is none/);
    expect(complaints(`${HEAD}metadata: { name: a }\nspec: { ${REACH}, posture: { checks: [x] } }`)[0]).toMatch(
      /reach and posture/,
    );
    expect(() => parseClaims(`${HEAD}metadata: { name: a }\nspec: { capacity: {} }`, 'c.yaml')).toThrow(
      expect.objectContaining({ code: 'SW_CLAIM_KIND_NOT_BUILT', at: { file: 'c.yaml', line: 4, column: 19 } }),
    );
  });
  test('broken YAML, an alias bomb, a manifest among claims, one name twice', () => {
    expect(complaints('a: [')[0]).toMatch(/no YAML/);
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n`;
    expect(complaints(bomb)).toEqual(['1:1 too many YAML aliases']);
    expect(complaints('apiVersion: v1\nkind: Pod\n')[0]).toMatch(/this is a Pod, not a Claim/);
    expect(complaints(HEAD.replace('Claim', 'Clam'))).toEqual(['2:7 there is no kind Clam (Did you mean Claim?)']);
    expect(complaints(HEAD.replace('Claim', 'Experiment'))).toEqual([]);
    const one = `${HEAD}metadata: { name: a }\nspec: { ${REACH} }\n`;
    expect(complaints(`${one}---\n${one}`)).toEqual([
      '6:1 claim a is given twice (The first one stands at line 1: rename or remove one.)',
    ]);
  });
  test('the first problem is thrown and the others are counted', () => {
    const text = `${HEAD}metadata: { name: a }\nspec: { x: 1, y: 2, ${REACH} }`;
    expect(() => parseClaims(text, 'c.yaml')).toThrow(SeaworthyError);
    expect(() => parseClaims(text, 'c.yaml')).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/1 more: seaworthy claims lint/) }),
    );
  });
});
