import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyseNetwork } from '../../../analysis/network/index.ts';
import { formatEnd } from '../../../analysis/network/synthesize/flow.ts';
import { snapshotOfYaml } from '../../../testing/snapshot-of-yaml.ts';
import { readFlows } from './flow-file.ts';

const workload = (kind: string, namespace: string, name: string): string => `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec: { template: { metadata: { labels: { app: ${name} } }, spec: { containers: [{ name: main }] } } }
`;
const analysis = analyseNetwork(
  snapshotOfYaml(
    [
      workload('Deployment', 'shop', 'web'),
      workload('StatefulSet', 'shop', 'db'),
      workload('Deployment', 'kube-system', 'coredns'),
    ].join('---\n'),
  ),
);

function read(written: string): readonly string[] {
  return readFlows(written, 'flows', analysis).flows.map(
    ({ from, to, port, protocol }) => `${formatEnd(from)} -> ${formatEnd(to)}:${port}/${protocol}`,
  );
}

test('of what hubble observe writes, the packets that open a connection and went through are flows', () => {
  expect(read(readFileSync(join(import.meta.dirname, 'testing', 'hubble.jsonl'), 'utf8'))).toEqual([
    'shop/web[Deployment] -> shop/db[StatefulSet]:8080/TCP',
    'shop/web[Deployment] -> 203.0.113.9/32:443/TCP',
    'shop/web[Deployment] -> kube-system/coredns[Deployment]:53/UDP',
  ]);
});

test('one JSON object a line, or a list, or a report of probes, of which only what connected counts', () => {
  const flow = { from: 'shop/web', to: 'shop/db', port: 5432 };
  const expected = ['shop/web[Deployment] -> shop/db[StatefulSet]:5432/TCP'];
  expect(read(JSON.stringify(flow))).toEqual(expected);
  expect(read(JSON.stringify([flow]))).toEqual(expected);
  expect(read(`${JSON.stringify(flow)}\n\n${JSON.stringify({ ...flow, port: 53, protocol: 'udp' })}\n`)).toHaveLength(
    2,
  );
  const cells = [
    { ...flow, protocol: 'TCP', outcome: 'connected' },
    { ...flow, port: 22, protocol: 'TCP', outcome: 'timeout' },
  ];
  expect(read(JSON.stringify({ kind: 'ProbeReport', cells }))).toEqual(expected);
});

test('somebody who was not read is named, not invented', () => {
  const { flows, strangers } = readFlows('{"from":"shop/web","to":"shop/gone","port":80}', 'flows', analysis);
  expect(flows).toEqual([]);
  expect(strangers).toEqual(['flows:1 shop/web -> shop/gone']);
});

test.each([
  ['{"from":"shop/web"}', 1],
  ['{"from":"shop/web","to":"shop/db","port":5432}\n{"time":', 2],
  ['{"from":"shop/web","to":"shop/db","port":70000}', 1],
  ['{"from":"shop/web","to":"shop/db","port":80,"protocol":"ICMP"}', 1],
])('%s is refused, with its line', (written, line) => {
  expect(() => readFlows(written, 'flows', analysis)).toThrow(
    expect.objectContaining({ code: 'SW_FLOW_INVALID', at: { file: 'flows', line } }),
  );
});
