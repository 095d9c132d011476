import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../../model/object.ts';
import { decideAdmission } from './decide.ts';
import { policyOf } from './namespace-policy.ts';

const label = (mode: string, value: string) => ({ [`pod-security.kubernetes.io/${mode}`]: value });

function object(yaml: string): KubernetesObject {
  return parse(yaml) as KubernetesObject;
}

const HOST_PID = object(
  '{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: n}, spec: {hostPID: true, containers: [{name: c}]}}',
);
const DEPLOYMENT = object(
  '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: n}, spec: {template: {spec: {hostPID: true, containers: [{name: c}]}}}}',
);

describe('the labels of a namespace', () => {
  test('without labels nothing is refused', () => {
    expect(policyOf({}).policy.enforce).toEqual({ level: 'privileged', minor: 'latest' });
  });

  test('a bad enforce level counts as restricted, a bad audit or warn level as privileged, a bad version as latest', () => {
    const labels = {
      ...label('enforce', 'base'),
      ...label('audit', 'x'),
      ...label('warn', 'x'),
      ...label('enforce-version', '1.24'),
    };
    const { policy, problems } = policyOf(labels);
    expect(policy.enforce).toEqual({ level: 'restricted', minor: 'latest' });
    expect([policy.audit.level, policy.warn.level]).toEqual(['privileged', 'privileged']);
    expect(problems.map((p) => p.label)).toHaveLength(4);
  });

  test('warn follows enforce when it is not set', () => {
    const labels = { ...label('enforce', 'baseline'), ...label('enforce-version', 'v1.30') };
    expect(policyOf(labels).policy.warn).toEqual({ level: 'baseline', minor: 30 });
    expect(policyOf({ ...labels, ...label('warn-version', 'v1.20') }).policy.warn).toEqual({
      level: 'baseline',
      minor: 20,
    });
    expect(policyOf({ ...labels, ...label('warn', 'privileged') }).policy.warn.level).toBe('privileged');
  });
});

describe('the decision', () => {
  test('a pod below the enforced level is denied in the words of the API server', () => {
    expect(decideAdmission(HOST_PID, label('enforce', 'baseline'))).toMatchObject({
      decision: 'denied',
      message: 'violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
      warnings: [],
      because: [{ kind: 'field', path: 'spec.hostPID', value: true }, { kind: 'parameter' }],
    });
  });

  test('a controller is never denied, only warned about', () => {
    expect(decideAdmission(DEPLOYMENT, label('enforce', 'baseline'))).toMatchObject({
      decision: 'allowed',
      warnings: ['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'],
    });
  });

  test('a namespace without labels lets everything in', () => {
    expect(decideAdmission(HOST_PID, {}).decision).toBe('allowed');
  });

  test('labels that were not read leave open what depends on them, and nothing else', () => {
    expect(decideAdmission(HOST_PID, undefined).decision).toBe('unknown');
    expect(decideAdmission(DEPLOYMENT, undefined).decision).toBe('allowed');
    const harmless = object(
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}}',
    );
    expect(decideAdmission(harmless, undefined).decision).toBe('allowed');
  });

  test('a version newer than the API server means its newest', () => {
    const pod = object(
      '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: "1"}]}, containers: [{name: c}]}}',
    );
    const labels = { ...label('enforce', 'baseline'), ...label('enforce-version', 'v1.40') };
    expect(decideAdmission(pod, labels, { serverMinor: 31 }).decision).toBe('denied');
    expect(decideAdmission(pod, labels, { serverMinor: 32 }).decision).toBe('allowed');
  });

  test('an object that makes no pod is not judged', () => {
    expect(
      decideAdmission(object('{apiVersion: v1, kind: Secret, metadata: {name: s}}'), label('enforce', 'restricted'))
        .decision,
    ).toBe('allowed');
  });
});
