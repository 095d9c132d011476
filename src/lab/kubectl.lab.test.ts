import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { deployment, listenOn, pod, podSpec } from './testing/objects.ts';
import { startTestLab, type TestLab } from './testing/test-lab.ts';

/** The real kubectl against the lab, where it is installed: what a person will do first. */

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;

describe.skipIf(!installed)('kubectl', () => {
  let lab: TestLab;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    lab = await startTestLab({ nodes: 2 });
    env = { ...lab.env, KUBECONFIG: lab.lab.kubeconfigPath };
  });
  afterAll(() => lab?.stop());

  async function kubectl(line: string, stdin = ''): Promise<string> {
    const child = spawn('kubectl', line.split(' '), { env });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stdin.end(stdin);
    const [code] = (await once(child, 'close')) as [number];
    return code === 0 ? output : `exit ${code}: ${output}`;
  }

  test('apply, rollout, logs, exec, scale and delete', async () => {
    const manifest = stringify(
      deployment(
        'default',
        'web',
        2,
        podSpec({ command: listenOn(8080), readinessProbe: { tcpSocket: { port: 8080 } } }),
      ),
    );
    expect(await kubectl('apply -f -', manifest)).toBe('deployment.apps/web created\n');
    expect(await kubectl('apply --server-side --force-conflicts -f -', manifest)).toContain('serverside-applied');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await kubectl('get deployment web -o name')).toBe('deployment.apps/web\n');
    expect(await kubectl('exec deployment/web -- false')).toContain('exit 1');
    expect(await kubectl('exec -i deployment/web -- cat', 'through stdin')).toBe('through stdin');
    expect(await kubectl('logs deployment/web')).toContain('"port":8080');
    expect(await kubectl('set env deployment/web VERSION=2')).toContain('env updated');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await kubectl('rollout undo deployment/web')).toContain('rolled back');
    expect(await kubectl('scale deployment/web --replicas=1')).toContain('scaled');
    expect(await kubectl('wait --for=jsonpath={.status.replicas}=1 deployment/web --timeout=60s')).toContain(
      'condition met',
    );
    expect(await kubectl('describe deployment web')).toContain('Replicas:');
    expect(await kubectl('delete deployment web --wait --timeout=60s')).toContain('deleted');
  });

  test('typed commands, which send protobuf', async () => {
    expect(await kubectl('create namespace typed')).toBe('namespace/typed created\n');
    const create = (what: string): Promise<string> => kubectl(`create -n typed ${what}`);
    expect(await create('serviceaccount bob')).toBe('serviceaccount/bob created\n');
    expect(await create('configmap settings --from-literal=a=b')).toBe('configmap/settings created\n');
    expect(await create('secret generic password --from-literal=a=b')).toBe('secret/password created\n');
    expect(await create('role reader --verb=get --resource=pods')).toContain('reader created\n');
    expect(await create('rolebinding readers --role=reader --serviceaccount=typed:bob')).toContain('readers created\n');
    expect(await create('deployment web --image=seaworthy.dev/toolbox:1')).toBe('deployment.apps/web created\n');
    expect(await create('job once --image=seaworthy.dev/toolbox:1 -- true')).toBe('job.batch/once created\n');
    expect(await create('poddisruptionbudget web --selector=app=web --min-available=1')).toContain('web created\n');
    expect(await create('quota few --hard=pods=100')).toContain('few created');
    expect(await create('token bob')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await kubectl('expose -n typed deployment web --port=80')).toBe('service/web exposed\n');
    expect(await kubectl('wait -n typed --for=condition=complete job/once --timeout=60s')).toContain('condition met');
    const may = 'auth can-i -n typed --as=system:serviceaccount:typed:bob';
    expect(await kubectl(`${may} get pods`)).toBe('yes\n');
    expect(await kubectl(`${may} delete pods`)).toContain('no\n');
    expect(await kubectl('auth whoami')).toContain('system:masters');
    expect(await kubectl('delete namespace typed --timeout=60s')).toContain('deleted');
  });

  test('drain honours budgets, and cordons', async () => {
    await kubectl('create deployment guarded --image=seaworthy.dev/toolbox:1 --replicas=2');
    await kubectl('create poddisruptionbudget guarded --selector=app=guarded --min-available=1');
    await kubectl('rollout status deployment/guarded --timeout=60s');
    const drained = await kubectl('drain worker-2 --ignore-daemonsets --force --delete-emptydir-data --timeout=60s');
    expect(drained).toContain('node/worker-2 drained');
    expect(await kubectl('get node worker-2')).toContain('SchedulingDisabled');
    expect(await kubectl('uncordon worker-2')).toContain('uncordoned');
  });

  test('get -w shows changes as they come', async () => {
    const watch = spawn('kubectl', ['get', 'configmaps', '-w', '--output-watch-events', '--no-headers'], { env });
    const lines = createInterface({ input: watch.stdout })[Symbol.asyncIterator]();
    const seen = async (wanted: string): Promise<string> => {
      for (let next = await lines.next(); next.done !== true; next = await lines.next())
        if (next.value.includes(wanted)) return next.value;
      return 'the watch has ended';
    };
    await seen('kube-root-ca.crt');
    await kubectl('create configmap watched');
    expect(await seen('watched')).toMatch(/^ADDED +watched /);
    await kubectl('delete configmap watched');
    expect(await seen('watched')).toMatch(/^DELETED +watched /);
    watch.kill();
  });

  test('port-forward carries bytes to a port of the pod, also of its loopback', async () => {
    const script = `${listenOn(7000).join(' ')} & exec ${listenOn(7001).join(' ')} --host 127.0.0.1`;
    const readinessProbe = {
      exec: { command: ['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/7001 4<>/dev/tcp/127.0.0.1/7000'] },
    };
    await lab.create(pod('default', 'listener', podSpec({ command: ['sh', '-c', script], readinessProbe })));
    await kubectl('wait --for=condition=Ready pod/listener --timeout=60s');
    const forward = spawn('kubectl', ['port-forward', 'pod/listener', ':7000', ':7001'], { env });
    const lines = createInterface({ input: forward.stdout })[Symbol.asyncIterator]();
    const ports: number[] = [];
    while (ports.length < 2) {
      const { value, done } = await lines.next();
      expect(done).not.toBe(true);
      const found = /^Forwarding from 127.0.0.1:(\d+)/.exec(value ?? '')?.[1];
      if (found !== undefined) ports.push(Number(found));
    }
    const sent = [0, 1, 2, 3, 4, 5].map((n) => `hello ${n} ${'x'.repeat(100_000)}`);
    expect(await Promise.all(sent.map((text, n) => echo(ports[n % 2] ?? 0, text)))).toEqual(sent);
    forward.kill();
  });
});

/** Sends a text and gives as much of what comes back. */
async function echo(port: number, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(sent);
  let back = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    back += chunk.toString();
    if (back.length >= sent.length) break;
  }
  socket.destroy();
  return back;
}
