import {
  containerOffence,
  defineControl,
  plural,
  podSecurityContextOf,
  profileType,
  quoted,
  securityContextOf,
  settersOf,
  sortedSet,
} from '../control.ts';

const ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const ALLOWED_TYPES = ['RuntimeDefault', 'Localhost'];

/** Without an AppArmor profile a container may write where the node's default profile forbids it. */
export const appArmorProfile = defineControl({
  id: 'appArmorProfile',
  level: 'baseline',
  title: 'AppArmor',
  versions: [
    {
      from: 0,
      judge(pod) {
        const ofPod = badType(profileType(podSecurityContextOf(pod), 'appArmorProfile'));
        const found = pod.containers.flatMap((entry) => {
          const value = badType(profileType(securityContextOf(entry), 'appArmorProfile'));
          return value === undefined ? [] : [{ entry, value }];
        });
        const annotations = Object.entries(pod.annotations)
          .filter(([key, value]) => key.startsWith(ANNOTATION_PREFIX) && !isAllowedAnnotation(value))
          .map(([key, value]) => ({ key, says: `${key}=${JSON.stringify(value)}` }))
          .sort((a, b) => (a.says < b.says ? -1 : 1));
        if (ofPod === undefined && found.length === 0 && annotations.length === 0) return undefined;
        const values = [
          ...sortedSet([...(ofPod === undefined ? [] : [ofPod]), ...found.map((f) => f.value)]),
          ...annotations.map((a) => a.says),
        ];
        const setters = settersOf(
          ofPod !== undefined,
          found.map((f) => f.entry.name),
          annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : [],
        );
        return {
          reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
          detail: `${setters} must not set AppArmor profile type to ${quoted(values)}`,
          offences: [
            ...(ofPod === undefined ? [] : [{ path: ['spec', 'securityContext', 'appArmorProfile', 'type'] }]),
            ...found.map((f) => containerOffence(f.entry, 'securityContext', 'appArmorProfile', 'type')),
            ...annotations.map((a) => ({ path: ['metadata', 'annotations', a.key] })),
          ],
        };
      },
    },
  ],
});

function badType(type: string | undefined): string | undefined {
  return type === undefined || ALLOWED_TYPES.includes(type) ? undefined : type;
}

function isAllowedAnnotation(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');
}
