/**
 * Enforces NetworkPolicies on the pods of one node (NODE_NAME, NODE_IP). Runs in the node's own network with NET_ADMIN.
 * While it is away, the rules it has made stay in force and new pods are open: as with many real agents, and something
 * to measure. The ConfigMap kube-system/policy-agent may slow it down: `delayMilliseconds` is waited before a change
 * is programmed. `/enforced` on port 9099 of the node says which objects the rules in force were made from.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { at, list, number, records, stringMap, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { podIPs } from '../../../model/pods.ts';
import { startInformer, type Informer } from '../../client/informer.ts';
import { applyNft } from '../../network/commands.ts';
import { readPolicy, type Pod } from '../../policy-agent/policy.ts';
import { ruleset } from '../../policy-agent/ruleset.ts';
import { inClusterClient } from './in-cluster.ts';

const node = process.env['NODE_NAME'] ?? '';
const nodeAddress = process.env['NODE_IP'] ?? '';
const client = inClusterClient();
const { signal } = new AbortController();
const COALESCE_MS = 20;

let applied = '';
let programmed = 0;
/** What the rules in force were made from, by kind: `namespace/name` to resourceVersion. */
let enforced: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
let timer: NodeJS.Timeout | undefined;
let busy = false;
let ready = false;

const changed = (): void => {
  if (!ready) return;
  timer ??= setTimeout(() => {
    timer = undefined;
    void program();
  }, COALESCE_MS + delayMilliseconds());
};

const pods = startInformer(client, { path: '/api/v1/pods', signal, changed });
const namespaces = startInformer(client, { path: '/api/v1/namespaces', signal, changed });
const policies = startInformer(client, { path: '/apis/networking.k8s.io/v1/networkpolicies', signal, changed });

/** Read anew each time: the file is a ConfigMap's and follows it. */
function delayMilliseconds(): number {
  try {
    return Math.max(0, Number(readFileSync('/etc/policy-agent/delayMilliseconds', 'utf8')) || 0);
  } catch {
    return Number(process.env['DELAY_MS'] ?? '0');
  }
}

function podOf(object: KubernetesObject): readonly Pod[] {
  const addresses = podIPs(object);
  const phase = text(at(object, 'status', 'phase'));
  if (addresses.length === 0 || phase === 'Succeeded' || phase === 'Failed') return [];
  return [
    {
      uid: object.metadata.uid ?? '',
      namespace: object.metadata.namespace ?? 'default',
      name: object.metadata.name,
      labels: stringMap(object.metadata.labels),
      addresses,
      node: text(at(object, 'spec', 'nodeName')) ?? '',
      hostNetwork: at(object, 'spec', 'hostNetwork') === true,
      ports: [...list(at(object, 'spec', 'containers')), ...list(at(object, 'spec', 'initContainers'))].flatMap(
        (container) =>
          records(at(container, 'ports')).flatMap(([, port]) => {
            const name = text(port['name']);
            const containerPort = number(port['containerPort']);
            return name === undefined || containerPort === undefined
              ? []
              : [{ name, port: containerPort, protocol: text(port['protocol']) ?? 'TCP' }];
          }),
      ),
    },
  ];
}

/** The versions of all that rules are made from, as known now. */
function known(): typeof enforced {
  const versions = (informer: Informer): Record<string, string> =>
    Object.fromEntries(
      informer
        .list()
        .map(({ metadata: { namespace, name, resourceVersion = '' } }) => [
          namespace === undefined ? name : `${namespace}/${name}`,
          resourceVersion,
        ]),
    );
  return { networkPolicies: versions(policies), namespaces: versions(namespaces), pods: versions(pods) };
}

async function program(): Promise<void> {
  if (busy) return changed();
  busy = true;
  const source = known();
  const rules = ruleset({
    node,
    pods: pods.list().flatMap(podOf),
    namespaces: new Map(
      namespaces
        .list()
        .map(({ metadata }) => [metadata.name, { name: metadata.name, labels: stringMap(metadata.labels) }]),
    ),
    policies: policies.list().map(readPolicy),
  });
  try {
    if (rules !== applied) {
      await applyNft(rules);
      applied = rules;
      programmed++;
    }
    enforced = source;
  } catch (thrown) {
    process.stderr.write(`${String(thrown)}\n`);
    setTimeout(changed, 1_000);
  } finally {
    busy = false;
  }
}

await Promise.all([pods.synced, namespaces.synced, policies.synced]);
ready = true;
await program();

createServer((request, response) => {
  if (request.url === '/enforced') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(enforced)}\n`);
  } else if (request.url === '/metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(`# TYPE policy_agent_rulesets_total counter\npolicy_agent_rulesets_total ${programmed}\n`);
  } else response.end('ok\n');
}).listen(Number(process.env['PORT'] ?? '9099'), nodeAddress);
process.stdout.write(`policy-agent enforces on ${node}\n`);
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(0));
