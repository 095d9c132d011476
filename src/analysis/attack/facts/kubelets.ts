import type { Because } from '../../../model/because.ts';
import { at, number, text } from '../../../model/json.ts';
import { refOf, type ObjectRef } from '../../../model/object.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { yamlIn } from './written-yaml.ts';

/** Settings of the kubelets of a cluster, where something says them. */
export interface KubeletSettings {
  /** Whoever reaches its port may run commands in the pods of the node. */
  readonly opensPods: boolean;
  readonly port: number;
  readonly because: Because;
  /** The object that says so. */
  readonly writtenIn: ObjectRef;
}

const CONFIGURATION = 'KubeletConfiguration.kubelet.config.k8s.io';

/**
 * Reads a KubeletConfiguration among the objects, and those that kubeadm keeps in ConfigMaps of kube-system. Left out, anonymous
 * requests are refused and authorization is Webhook. Source: pkg/kubelet/apis/config/v1beta1/defaults.go.
 */
export function kubeletSettings(snapshot: Snapshot): readonly KubeletSettings[] {
  const given = snapshot
    .list(CONFIGURATION)
    .map(({ object }) => ({ object, path: 'authentication', written: object as unknown }));
  const kept = snapshot
    .list('ConfigMap')
    .filter(
      ({ object: { metadata } }) => metadata.namespace === 'kube-system' && /^kubelet-config\b/.test(metadata.name),
    )
    .map(({ object }) => ({
      object,
      path: 'data.kubelet',
      written: yamlIn(text(at(object, 'data', 'kubelet')) ?? ''),
    }));
  return [...given, ...kept].map(({ object, path, written }) => {
    const anonymous = at(written, 'authentication', 'anonymous', 'enabled') === true;
    const opensPods = anonymous && at(written, 'authorization', 'mode') === 'AlwaysAllow';
    const says = opensPods ? 'kubelets take commands from whoever reaches them' : 'kubelets ask who comes';
    return {
      opensPods,
      port: number(at(written, 'port')) ?? 10250,
      because: { kind: 'field', object: refOf(object), path, says },
      writtenIn: refOf(object),
    };
  });
}
