import { at, list, record, records, stringMap, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import { sameJson } from '../objects.ts';
import { milliValue } from '../schema/quantity.ts';
import { duplicate, forbiddenField, invalidValue, notFoundField, notSupported, required } from './causes.ts';
import { dnsLabel, dnsSubdomain, labels, portName, portNumber } from './names.ts';

export function validatePod(pod: KubernetesObject): readonly Cause[] {
  return validatePodSpec('spec', record(pod['spec']));
}

/** What is obviously wrong with a pod's spec. Source: pkg/apis/core/validation. */
export function validatePodSpec(field: string, spec: JsonRecord): readonly Cause[] {
  const volumes = new Set(records(spec['volumes']).map(([, volume]) => volume['name']));
  const names = new Set<unknown>();
  const containers = (name: string): readonly Cause[] =>
    records(spec[name]).flatMap(([index, container]) =>
      validateContainer(`${field}.${name}[${index}]`, container, volumes, names, spec),
    );
  return [
    ...validateVolumes(`${field}.volumes`, spec),
    ...(list(spec['containers']).length === 0 ? [required(`${field}.containers`)] : []),
    ...containers('containers'),
    ...containers('initContainers'),
    ...oneOf(`${field}.restartPolicy`, spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${field}.dnsPolicy`, spec['dnsPolicy'], ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...(text(spec['serviceAccountName'])
      ? dnsSubdomain(`${field}.serviceAccountName`, text(spec['serviceAccountName']) ?? '')
      : []),
    ...(text(spec['hostname']) ? dnsLabel(`${field}.hostname`, text(spec['hostname']) ?? '') : []),
    ...labels(`${field}.nodeSelector`, stringMap(spec['nodeSelector'])),
    ...(Number(spec['terminationGracePeriodSeconds']) < 0
      ? [
          invalidValue(
            `${field}.terminationGracePeriodSeconds`,
            spec['terminationGracePeriodSeconds'],
            'must be greater than or equal to 0',
          ),
        ]
      : []),
  ];
}

function validateVolumes(field: string, spec: JsonRecord): readonly Cause[] {
  const seen = new Set<unknown>();
  return records(spec['volumes']).flatMap(([index, volume]) => {
    const at = `${field}[${index}]`;
    const name = text(volume['name']) ?? '';
    const sources = Object.keys(volume).filter((key) => key !== 'name');
    const causes: Cause[] = name === '' ? [required(`${at}.name`)] : [...dnsLabel(`${at}.name`, name)];
    if (name !== '' && seen.has(name)) causes.push(duplicate(`${at}.name`, name));
    seen.add(name);
    for (const extra of sources.slice(1))
      causes.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 volume type'));
    if (sources[0] === 'hostPath' && !text(record(volume['hostPath'])['path']))
      causes.push(required(`${at}.hostPath.path`));
    if (sources[0] === 'secret' && !text(record(volume['secret'])['secretName']))
      causes.push(required(`${at}.secret.secretName`));
    if (sources[0] === 'configMap' && !text(record(volume['configMap'])['name']))
      causes.push(required(`${at}.configMap.name`));
    return causes;
  });
}

function validateContainer(
  field: string,
  container: JsonRecord,
  volumes: ReadonlySet<unknown>,
  names: Set<unknown>,
  spec: JsonRecord,
): readonly Cause[] {
  const name = text(container['name']) ?? '';
  const causes: Cause[] = name === '' ? [required(`${field}.name`)] : [...dnsLabel(`${field}.name`, name)];
  if (name !== '' && names.has(name)) causes.push(duplicate(`${field}.name`, name));
  names.add(name);
  const image = text(container['image']) ?? '';
  if (image === '') causes.push(required(`${field}.image`));
  else if (image.trim() !== image)
    causes.push(invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  causes.push(...oneOf(`${field}.imagePullPolicy`, container['imagePullPolicy'], ['Always', 'IfNotPresent', 'Never']));
  causes.push(...validatePorts(`${field}.ports`, container, spec));
  for (const [index, variable] of records(container['env'])) {
    if (!text(variable['name'])) causes.push(required(`${field}.env[${index}].name`));
    if (text(variable['value']) && variable['valueFrom'] !== undefined) {
      causes.push(
        invalidValue(`${field}.env[${index}].valueFrom`, '', 'may not be specified when `value` is not empty'),
      );
    }
  }
  const paths = new Set<unknown>();
  for (const [index, mount] of records(container['volumeMounts'])) {
    const where = `${field}.volumeMounts[${index}]`;
    if (!text(mount['name'])) causes.push(required(`${where}.name`));
    else if (!volumes.has(mount['name'])) causes.push(notFoundField(`${where}.name`, mount['name']));
    if (!text(mount['mountPath'])) causes.push(required(`${where}.mountPath`));
    else if (paths.has(mount['mountPath']))
      causes.push(invalidValue(`${where}.mountPath`, mount['mountPath'], 'must be unique'));
    paths.add(mount['mountPath']);
  }
  return [
    ...causes,
    ...validateResources(`${field}.resources`, record(container['resources'])),
    ...validateSecurity(field, container),
  ];
}

function validatePorts(field: string, container: JsonRecord, spec: JsonRecord): readonly Cause[] {
  const names = new Set<unknown>();
  return records(container['ports']).flatMap(([index, port]) => {
    const where = `${field}[${index}]`;
    const causes: Cause[] = [];
    const name = text(port['name']);
    if (name) {
      causes.push(...portName(`${where}.name`, name));
      if (names.has(name)) causes.push(duplicate(`${where}.name`, name));
      names.add(name);
    }
    if (port['containerPort'] === undefined) causes.push(required(`${where}.containerPort`));
    else causes.push(...portNumber(`${where}.containerPort`, port['containerPort']));
    if (port['hostPort'] !== undefined && port['hostPort'] !== 0) {
      causes.push(...portNumber(`${where}.hostPort`, port['hostPort']));
      if (spec['hostNetwork'] === true && port['hostPort'] !== port['containerPort']) {
        causes.push(
          invalidValue(`${where}.hostPort`, port['hostPort'], 'must match `containerPort` when `hostNetwork` is true'),
        );
      }
    }
    return [...causes, ...oneOf(`${where}.protocol`, port['protocol'], ['SCTP', 'TCP', 'UDP'])];
  });
}

function validateResources(field: string, resources: JsonRecord): readonly Cause[] {
  const limits = record(resources['limits']);
  return Object.entries(record(resources['requests'])).flatMap(([name, request]) => {
    const [asked, most] = [text(request), text(limits[name])];
    if (asked === undefined) return [];
    const value = milliValue(asked) ?? 0n;
    if (value < 0n) return [invalidValue(`${field}.requests[${name}]`, asked, 'must be greater than or equal to 0')];
    if (most === undefined || value <= (milliValue(most) ?? 0n)) return [];
    return [invalidValue(`${field}.requests`, asked, `must be less than or equal to ${name} limit of ${most}`)];
  });
}

function validateSecurity(field: string, container: JsonRecord): readonly Cause[] {
  const security = record(container['securityContext']);
  const causes: Cause[] = [];
  if (security['allowPrivilegeEscalation'] === false) {
    const where = `${field}.securityContext`;
    if (security['privileged'] === true) {
      causes.push(
        invalidValue(where, security, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'),
      );
    }
    if (list(at(security, 'capabilities', 'add')).includes('CAP_SYS_ADMIN')) {
      causes.push(
        invalidValue(
          where,
          security,
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      );
    }
  }
  return causes;
}

export function oneOf(field: string, value: unknown, allowed: readonly string[]): readonly Cause[] {
  return value === undefined || allowed.includes(value as string)
    ? []
    : [notSupported(field, value, [...allowed].sort())];
}

const CHANGEABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod's spec stays as it was made, but for images, deadline and tolerations. */
export function validatePodChange(pod: KubernetesObject, before: KubernetesObject): readonly Cause[] {
  return sameJson(fixedPart(pod), fixedPart(before)) ? [] : [forbiddenField('spec', CHANGEABLE)];
}

function fixedPart(pod: KubernetesObject): unknown {
  const {
    activeDeadlineSeconds: _,
    tolerations: __,
    nodeName: ___,
    ephemeralContainers: ____,
    ...spec
  } = record(pod['spec']);
  const bare = (containers: unknown): unknown =>
    records(containers).map(([, { image: _image, resources: _resources, ...container }]) => container);
  return { ...spec, containers: bare(spec['containers']), initContainers: bare(spec['initContainers']) };
}
