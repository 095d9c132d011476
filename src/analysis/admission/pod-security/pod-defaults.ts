import { isRecord, number, record, type JsonRecord } from '../../../model/json.ts';
import { VOLUME_SOURCES } from './controls/restricted-volumes.ts';

/**
 * The pod spec with the defaults the API server fills in before Pod Security judges it, as far as a control looks
 * at them: on the host's network every container port is a host port, and a volume without a source is an emptyDir.
 */
export function withPodDefaults(spec: JsonRecord): JsonRecord {
  return {
    ...spec,
    ...(Array.isArray(spec['volumes']) ? { volumes: spec['volumes'].map(withSource) } : {}),
    ...(spec['hostNetwork'] === true ? hostPortsOf(spec) : {}),
  };
}

function withSource(volume: unknown): unknown {
  if (!isRecord(volume) || VOLUME_SOURCES.some((source) => isRecord(volume[source]))) return volume;
  return { ...volume, emptyDir: {} };
}

function hostPortsOf(spec: JsonRecord): JsonRecord {
  const lists = (['initContainers', 'containers'] as const).filter((list) => Array.isArray(spec[list]));
  return Object.fromEntries(lists.map((list) => [list, (spec[list] as readonly unknown[]).map(withHostPorts)]));
}

function withHostPorts(container: unknown): unknown {
  if (!isRecord(container) || !Array.isArray(container['ports'])) return container;
  return {
    ...container,
    ports: container['ports'].map((port: unknown) =>
      isRecord(port) && (number(port['hostPort']) ?? 0) === 0
        ? { ...port, hostPort: record(port)['containerPort'] }
        : port,
    ),
  };
}
