import { expect, test } from 'vitest';
import type { KubernetesObject } from '../model/object.ts';
import { createSnapshot, type Snapshot, type SnapshotContents } from '../model/snapshot.ts';
import { withRecorded } from './recorded.ts';

const report = (name: string, severity: string): KubernetesObject => ({
  apiVersion: 'aquasecurity.github.io/v1alpha1',
  kind: 'VulnerabilityReport',
  metadata: { name, namespace: 'shop' },
  report: { severity },
});

function snapshot(objects: readonly KubernetesObject[], more: Partial<SnapshotContents> = {}): Snapshot {
  const source = { kind: 'cluster', description: 'the cluster' } as const;
  return createSnapshot({ source, resources: objects.map((object) => ({ object })), ...more });
}

const KIND = 'VulnerabilityReport.aquasecurity.github.io';

test('what is recorded is added, and takes the place of an object of the same name', () => {
  const both = withRecorded(snapshot([report('a', 'LOW'), report('b', 'LOW')]), snapshot([report('b', 'HIGH')]));
  expect(both.list(KIND).map(({ object }) => [object.metadata.name, object['report']])).toEqual([
    ['a', { severity: 'LOW' }],
    ['b', { severity: 'HIGH' }],
  ]);
});

test('it stays what the source was, with the gaps and findings of both', () => {
  const gap = { kind: 'Secret', reason: 'forbidden', detail: 'd', remedy: 'r' } as const;
  const finding = { code: 'SW_YAML', message: 'broken' } as const;
  const both = withRecorded(snapshot([], { gaps: [gap], takenAt: 'then' }), snapshot([], { findings: [finding] }));
  expect([both.source.kind, both.takenAt]).toEqual(['cluster', 'then']);
  expect(both.gaps(['Secret'])).toEqual([gap]);
  expect(both.findings).toEqual([finding]);
  expect(both.coverage.notes).toContain('recorded facts beside it: the cluster');
});
