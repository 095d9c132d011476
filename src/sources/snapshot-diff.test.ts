import { describe, expect, test } from 'vitest';
import { contentsOf, createSnapshot, withUnreadable } from '../model/snapshot.ts';
import { snapshotOfYaml } from '../testing/snapshot-of-yaml.ts';
import { diffSnapshots } from './snapshot-diff.ts';

const pod = (name: string, spec: string, more = ''): string =>
  `{ apiVersion: v1, kind: Pod, metadata: { name: ${name}, namespace: shop${more} }, spec: ${spec}, status: { phase: Running } }\n---\n`;
const before = await snapshotOfYaml(
  `${pod('web', '{ hostNetwork: true, containers: [{ name: c, image: a:1 }] }')}${pod('db', '{}')}
apiVersion: v1
kind: Secret
metadata: { name: key, namespace: shop }
data: { password: b2xk }
`,
);

describe('two snapshots', () => {
  test('of the same differ in nothing, whatever their order, status and server fields', async () => {
    const again = await snapshotOfYaml(
      `{ apiVersion: v1, kind: Secret, metadata: { name: key, namespace: shop, uid: x }, data: { password: b2xk } }\n---\n${pod('db', '{}', ', resourceVersion: "7"').replace('Running', 'Failed')}${pod('web', '{ hostNetwork: true, containers: [{ name: c, image: a:1 }] }')}`,
    );
    expect(diffSnapshots(before, again)).toMatchObject({ kind: 'SnapshotDiff', changes: [] });
  });

  test('what is new, gone or different, field by field; values of Secrets are not shown', async () => {
    const after = await snapshotOfYaml(
      `${pod('web', '{ containers: [{ name: c, image: a:2 }, { name: d }] }')}${pod('cache', '{}')}
{ apiVersion: v1, kind: Secret, metadata: { name: key, namespace: shop }, data: { password: bmV3 } }`,
    );
    const { changes } = diffSnapshots(before, after);
    expect(changes.map(({ change, object }) => `${change} ${object.kind} ${object.name}`)).toEqual([
      'added Pod cache',
      'removed Pod db',
      'changed Pod web',
      'changed Secret key',
    ]);
    expect(changes[2]?.fields).toEqual([
      { path: 'spec.containers[0].image', before: 'a:1', after: 'a:2' },
      { path: 'spec.containers[1]', after: { name: 'd' } },
      { path: 'spec.hostNetwork', before: true },
    ]);
    expect(changes[3]?.fields).toEqual([{ path: 'data.password', before: '(withheld)', after: '(withheld)' }]);
    expect(JSON.stringify(changes)).not.toContain('bmV3');
  });

  test('what one of them could not read is neither new nor gone', () => {
    const blind = withUnreadable(before, ['Pod']);
    const { changes, gaps } = diffSnapshots(before, blind);
    expect(changes.map(({ change, object }) => `${change} ${object.name}`)).toEqual(['unknown db', 'unknown web']);
    expect(gaps).toMatchObject({ opened: [{ kind: 'Pod' }], closed: [] });
    expect(diffSnapshots(blind, before).gaps).toMatchObject({ opened: [], closed: [{ kind: 'Pod' }] });
  });

  test('contents that one of them was not allowed to see are not compared', async () => {
    const map = (more: string) =>
      `{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop${more} }`;
    const whole = await snapshotOfYaml(`${map('')}, data: { colour: red } }`);
    const named = await snapshotOfYaml(`${map(', labels: { a: b }')} }`);
    const gap = { kind: 'ConfigMap', reason: 'withheld', fields: ['data'], detail: 'names only', remedy: '' } as const;
    const withheld = createSnapshot({ ...contentsOf(named), gaps: [gap] });
    expect(diffSnapshots(whole, withheld).changes).toMatchObject([{ fields: [{ path: 'metadata.labels' }] }]);
    expect(diffSnapshots(whole, named).changes).toMatchObject([
      { fields: [{ path: 'data' }, { path: 'metadata.labels' }] },
    ]);
  });
});
