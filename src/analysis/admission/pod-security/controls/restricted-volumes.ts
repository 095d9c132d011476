import { isRecord, records, text } from '../../../../model/json.ts';
import { defineControl, plural, quoted, sortedSet } from '../control.ts';

const ALLOWED = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

/** In the order upstream looks for them; only the first is named. */
const RESTRICTED = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

/** Every source a volume can have: a field of another name is dropped by the API server. */
export const VOLUME_SOURCES: readonly string[] = [...ALLOWED, ...RESTRICTED];

/** Volumes of the node or of storage outside the cluster's own storage classes are refused. */
export const restrictedVolumes = defineControl({
  id: 'restrictedVolumes',
  level: 'restricted',
  title: 'Volume types',
  versions: [
    {
      from: 0,
      replaces: 'hostPathVolumes',
      judge({ spec }) {
        const bad = records(spec['volumes'])
          .filter(([, volume]) => !ALLOWED.some((type) => isRecord(volume[type])))
          .map(([index, volume]) => ({
            index,
            name: text(volume['name']) ?? '',
            type: RESTRICTED.find((type) => isRecord(volume[type])) ?? 'unknown',
          }));
        if (bad.length === 0) return undefined;
        const types = sortedSet(bad.map((b) => b.type));
        const uses = `${plural('uses', 'use', bad.length)} ${plural('restricted volume type', 'restricted volume types', types.length)}`;
        return {
          reason: 'restricted volume types',
          detail: `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map((b) => b.name))} ${uses} ${quoted(types)}`,
          offences: bad.map(({ index, type }) => ({ path: ['spec', 'volumes', index, type] })),
        };
      },
    },
  ],
});
