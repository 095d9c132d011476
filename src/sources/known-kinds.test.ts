import { describe, expect, test } from 'vitest';
import { conventionalPlural, kindKeyOf, KNOWN_KINDS, knownKind } from './known-kinds.ts';

describe('a kind as a person writes it', () => {
  test.each([
    ['NetworkPolicy', 'NetworkPolicy.networking.k8s.io'],
    ['networkpolicies', 'NetworkPolicy.networking.k8s.io'],
    ['netpol', 'NetworkPolicy.networking.k8s.io'],
    ['networkpolicy.networking.k8s.io', 'NetworkPolicy.networking.k8s.io'],
    ['NetworkPolicies.networking.k8s.io', 'NetworkPolicy.networking.k8s.io'],
    ['networkpolicies.crd.projectcalico.org', 'NetworkPolicy.crd.projectcalico.org'],
    ['po', 'Pod'],
    ['PODS', 'Pod'],
    ['endpoints', 'Endpoints'],
    ['ingresses', 'Ingress.networking.k8s.io'],
    ['events', 'Event'],
    ['gateways', 'Gateway.gateway.networking.k8s.io'],
    [' Widget.example.com ', 'Widget.example.com'],
  ])('%s is %s', (written, key) => {
    expect(kindKeyOf(written)).toBe(key);
  });
});

test('plurals follow the convention of the API', () => {
  const plurals = ['NetworkPolicy', 'Ingress', 'Gateway', 'Endpoints', 'EndpointSlice', 'StorageClass', 'Proxy'];
  expect(plurals.map(conventionalPlural)).toEqual([
    'networkpolicies',
    'ingresses',
    'gateways',
    'endpoints',
    'endpointslices',
    'storageclasses',
    'proxies',
  ]);
});

test('scopes are known, and no kind is listed twice', () => {
  expect(knownKind('Namespace')?.namespaced).toBe(false);
  expect(knownKind('Pod')?.namespaced).toBe(true);
  expect(knownKind('ClusterRole.rbac.authorization.k8s.io')?.namespaced).toBe(false);
  expect(knownKind('Widget.example.com')).toBeUndefined();
  const keys = KNOWN_KINDS.map(({ kind, group }) => `${kind}.${group}`);
  expect(new Set(keys).size).toBe(keys.length);
});
