import { describe, expect, test } from 'vitest';
import { readRules } from './rules.ts';
import { covers, describeAtom, uncovered } from './rule-cover.ts';

const rules = (...written: readonly object[]) => readRules(written);
const pods = (more: object) => ({ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...more });

describe('covering rules, as the escalation check does', () => {
  test('names: no names cover any, names cover only themselves, nothing but no names covers no names', () => {
    expect(covers(rules(pods({})), rules(pods({ resourceNames: ['a'] })))).toBe(true);
    expect(covers(rules(pods({ resourceNames: ['a', 'b'] })), rules(pods({ resourceNames: ['a'] })))).toBe(true);
    expect(covers(rules(pods({ resourceNames: ['a'] })), rules(pods({ resourceNames: ['b'] })))).toBe(false);
    expect(covers(rules(pods({ resourceNames: ['a'] })), rules(pods({})))).toBe(false);
  });

  test('each atom needs one rule; different atoms may be covered by different rules', () => {
    const owned = rules(pods({}), pods({ resources: ['secrets'], verbs: ['list'] }));
    expect(covers(owned, rules(pods({}), pods({ resources: ['secrets'], verbs: ['list'] })))).toBe(true);
    const missing = uncovered(owned, rules(pods({ resources: ['pods', 'secrets'], verbs: ['get', 'list'] })));
    expect(missing.map(describeAtom)).toEqual(['list pods', 'get secrets']);
  });

  test('a wildcard is covered by a wildcard only, never by listing', () => {
    expect(covers(rules(pods({ verbs: ['*'] })), rules(pods({ verbs: ['get', 'custom'] })))).toBe(true);
    expect(covers(rules(pods({ verbs: ['get', 'list', 'create'] })), rules(pods({ verbs: ['*'] })))).toBe(false);
    expect(covers(rules(pods({ resources: ['*'] })), rules(pods({ resources: ['pods/exec', '*/log'] })))).toBe(true);
    expect(covers(rules(pods({ resources: ['*/exec'] })), rules(pods({ resources: ['pods/exec'] })))).toBe(true);
    expect(covers(rules(pods({ resources: ['pods'] })), rules(pods({ resources: ['pods/exec'] })))).toBe(false);
    expect(covers(rules(pods({ resources: ['pods/*'] })), rules(pods({ resources: ['pods/exec'] })))).toBe(false);
  });

  test('paths are covered by prefixes', () => {
    const path = (url: string) => rules({ nonResourceURLs: [url], verbs: ['get'] });
    expect(covers(path('/a/*'), path('/a/b/*'))).toBe(true);
    expect(covers(path('*'), path('/a'))).toBe(true);
    expect(covers(path('/a/b'), path('/a/*'))).toBe(false);
  });
});
