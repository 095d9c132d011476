import { writeFileSync, mkdirSync } from 'node:fs';
import { normalize } from 'node:path';
import { milliValue } from '../api/schema/quantity.ts';
import { findImage } from '../images/catalogue.ts';
import { CLUSTER_DOMAIN, DNS_SERVICE_ADDRESS } from '../network/addresses.ts';
import { at, list, record, records, stringMap, strings, text, type JsonRecord } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { ContainerLimits } from '../cgroups.ts';
import { CONTAINER_PATH, startContainer, type RunningContainer } from './container.ts';
import type { Mount } from './container-script.ts';
import type { NodeContext } from './context.ts';
import { environmentOf, expand } from './environment.ts';
import { noteInLog } from './container-log.ts';
import { volumeSources } from './pod-sources.ts';
import type { Sandbox } from './sandbox.ts';
import { asksForSeccomp, credentialsFor } from './security.ts';
import { commandOf, mountsOf, readOnlyVolumesOf } from './volumes.ts';

export type Launched =
  | { readonly kind: 'started'; readonly container: RunningContainer }
  /** Nothing was started: why, and when to try again. `next` is the reason shown from the second wait on. */
  | {
      readonly kind: 'waiting';
      readonly reason: string;
      readonly message: string;
      readonly retryMs: number;
      readonly next?: string;
    };

export interface LaunchRequest {
  readonly id: string;
  readonly pod: KubernetesObject;
  readonly container: JsonRecord;
  readonly sandbox: Sandbox;
  readonly volumes: ReadonlyMap<string, string>;
  /** The pod's directory on the node. */
  readonly directory: string;
  readonly logFile: string;
  readonly node: NodeContext;
}

/** Finds the image, works out who, where and with what, and starts the container. */
export async function launch(request: LaunchRequest): Promise<Launched> {
  const { pod, container, node, sandbox } = request;
  const spec = record(pod['spec']);
  const name = text(container['name']) ?? '';
  const imageName = text(container['image']) ?? '';
  const image = findImage(imageName);
  if (!image) {
    const message = `Back-off pulling image "${imageName}": the lab's catalogue has no such image (seaworthy lab images)`;
    return { kind: 'waiting', reason: 'ErrImagePull', message, retryMs: 5_000, next: 'ImagePullBackOff' };
  }
  const who = credentialsFor(spec, container, image.user);
  if (who.kind === 'refused') return configError(who.message);
  const sources = await volumeSources(pod, sandbox.addresses, node);
  const environment = environmentOf(container, sources);
  if (environment.kind === 'missing') return configError(environment.message);
  const env = {
    PATH: CONTAINER_PATH,
    HOSTNAME: sandbox.kind === 'node' ? node.plan.name : (text(spec['hostname']) ?? pod.metadata.name),
    HOME: who.credentials.uid === 0 ? '/root' : '/',
    ...image.env,
    ...environment.env,
  };
  if (asksForSeccomp(spec, container))
    noteInLog(request.logFile.replace(/[^/]+$/, 'node.log'), 'the lab has no seccomp profile to apply');
  const running = startContainer({
    id: request.id,
    name,
    sandbox,
    cgroup: `${node.cgroup}/${pod.metadata.uid}-${name}-${request.id.slice(0, 8)}`,
    limits: limitsOf(container),
    logFile: request.logFile,
    nodePids: spec['hostPID'] === true,
    plan: {
      root: `${request.directory}/roots/${request.id}`,
      base: node.base,
      mounts: [
        ...podFiles(request, spec),
        ...mountsOf(container, request.volumes, readOnlyVolumesOf(spec), (written) => expand(written, env)),
      ],
      credentials: who.credentials,
      env,
      command: commandOf(container, image).map((word) => expand(word, env)),
      workingDir: normalize(`/${text(container['workingDir']) ?? image.workingDir}`),
    },
  });
  return { kind: 'started', container: running };
}

function configError(message: string): Launched {
  return { kind: 'waiting', reason: 'CreateContainerConfigError', message, retryMs: 2_000 };
}

/** Limits the machine is asked to keep. The lab's Node programs need room to breathe: memory below 96 MiB is raised to it. */
function limitsOf(container: JsonRecord): ContainerLimits {
  const limit = (name: string): number | undefined => {
    const milli = milliValue(text(at(container, 'resources', 'limits', name)) ?? '');
    return milli === undefined ? undefined : Number(milli);
  };
  const memory = limit('memory');
  const cpu = limit('cpu');
  return {
    maxProcesses: 512,
    ...(memory === undefined ? {} : { memoryBytes: Math.max(memory / 1_000, 96 * 2 ** 20) }),
    ...(cpu === undefined ? {} : { cpuMillis: Math.max(10, cpu) }),
  };
}

/** /etc/hosts, /etc/hostname and /etc/resolv.conf, as the kubelet writes them for each pod. */
function podFiles(request: LaunchRequest, spec: JsonRecord): readonly Mount[] {
  const { pod, sandbox, node, directory } = request;
  const host = sandbox.kind === 'node' ? node.plan.name : (text(spec['hostname']) ?? pod.metadata.name);
  const etc = `${directory}/etc`;
  mkdirSync(etc, { recursive: true });
  const aliases = records(spec['hostAliases']).map(
    ([, alias]) => `${text(alias['ip'])}\t${strings(alias['hostnames']).join('\t')}`,
  );
  const files: Readonly<Record<string, string>> = {
    hosts: [
      '127.0.0.1\tlocalhost',
      ...(sandbox.addresses.length > 1 ? ['::1\tlocalhost ip6-localhost ip6-loopback'] : []),
      ...sandbox.addresses.map((address) => `${address}\t${host}`),
      ...aliases,
      '',
    ].join('\n'),
    hostname: `${host}\n`,
    'resolv.conf': resolvConf(pod, spec),
  };
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(`${etc}/${name}`, text);
    return { source: `${etc}/${name}`, target: `/etc/${name}`, readOnly: false };
  });
}

/** The resolver's settings by dnsPolicy and dnsConfig. `Default` has nobody to ask: a node of the lab knows no DNS server. */
export function resolvConf(pod: KubernetesObject, spec: JsonRecord): string {
  const policy = text(spec['dnsPolicy']) ?? 'ClusterFirst';
  const usesCluster =
    policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && spec['hostNetwork'] !== true);
  const namespace = pod.metadata.namespace ?? 'default';
  const config = record(spec['dnsConfig']);
  const servers = [...(usesCluster ? [DNS_SERVICE_ADDRESS] : []), ...strings(config['nameservers'])];
  const domains = usesCluster ? [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN] : [];
  const search = [...domains, ...strings(config['searches'])];
  const given = list(config['options']).map((option) => {
    const { name, value } = stringMap(option);
    return value === undefined ? `${name}` : `${name}:${value}`;
  });
  const options = [
    ...(usesCluster && !given.some((option) => option.startsWith('ndots:')) ? ['ndots:5'] : []),
    ...given,
  ];
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
    '',
  ].join('\n');
}
