import { expect, test } from 'vitest';
import type { PathHop } from '../../../analysis/attack/index.ts';
import { parseNode } from '../../../analysis/attack/nodes.ts';
import { thisMachine } from '../testing/this-machine.ts';
import { lookInside, mountsIn } from './inside.ts';

/** A hop that rests on the first volume of a pod. */
function hop(id: string, from = 'Code:shop/web/c'): PathHop {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' };
  const because = [{ kind: 'field', object, path: 'spec.volumes[0]', says: 'it mounts a path of its node' }];
  return { edge: { id }, from: parseNode(from), because } as unknown as PathHop;
}

/** Looks inside containers that are this machine, with its own `cat` or without. */
async function look(given: PathHop, mountPath: string, path = '/usr/bin:/bin') {
  const containers = [
    { name: 'other', image: 'i' },
    { name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath }] },
  ];
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers, volumes: [{ name: 'v', hostPath: { path: '/' } }] },
  };
  const pod = { namespace: 'shop', name: 'web', uid: 'u', address: '10.0.0.7', node: 'n1', ready: true, object };
  const { at, started } = thisMachine({ path, probe: false });
  return { seen: await lookInside(given, pod, at.cluster, at.signal), started };
}

test('what is mounted is seen mounted, and what is not is not', async () => {
  expect((await look(hop('B13'), '/proc')).seen).toEqual({ holds: true, says: 'inside c: /proc is mounted' });
  const nowhere = await look(hop('B13'), '/nowhere/to/be/found');
  expect(nowhere.seen).toEqual({ holds: false, says: 'inside c: /nowhere/to/be/found is not mounted' });
});

test('one container that is as the hop says is enough; a container that is not concerned is not asked', async () => {
  const { seen, started } = await look(hop('B13', 'Shell:shop/web'), '/proc');
  expect(seen?.holds).toBe(true);
  expect(started).toEqual([['cat', '/proc/self/status', '/proc/self/mountinfo']]);
});

test('a container without cat says nothing, and so does a hop with nothing to see inside', async () => {
  expect((await look(hop('B13'), '/proc', '/nonexistent')).seen).toBeUndefined();
  const { seen, started } = await look(hop('I1', 'Code:shop/web/other'), '/proc');
  expect([seen, started]).toEqual([undefined, []]);
});

test('mount points as the kernel writes them', () => {
  const mounts = mountsIn(
    [
      'Name:\tcat',
      '36 35 98:0 /mnt1 /run/secrets/kubernetes.io/serviceaccount ro,relatime master:1 - tmpfs tmpfs rw,size=10k',
      String.raw`37 35 98:0 / /with\040blank rw,relatime - ext4 /dev/root rw`,
      '38 35 98:0 / / rw,relatime - overlay overlay rw',
    ].join('\n'),
  );
  expect([...mounts]).toEqual([
    ['/run/secrets/kubernetes.io/serviceaccount', ['ro', 'relatime']],
    ['/with blank', ['rw', 'relatime']],
    ['/', ['rw', 'relatime']],
  ]);
});
