import { at, record, stringMap, text } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { matches, parseSelector } from '../../../model/selectors.ts';
import type { Cause } from '../http/status.ts';
import { sameJson } from '../objects.ts';
import { invalidValue, notSupported, required } from './causes.ts';
import { labels } from './names.ts';
import { validatePodSpec } from './pod.ts';
import { validateSelector } from './selector.ts';

/** Deployments, ReplicaSets, StatefulSets and DaemonSets: a selector that fits the template, and a sound template. */
export function validateScalable(object: KubernetesObject): readonly Cause[] {
  const spec = record(object['spec']);
  const selector = record(spec['selector']);
  const template = record(spec['template']);
  const templateLabels = stringMap(at(template, 'metadata', 'labels'));
  const causes: Cause[] = [];
  if (Number(spec['replicas']) < 0) {
    causes.push(invalidValue('spec.replicas', spec['replicas'], 'must be greater than or equal to 0'));
  }
  if (spec['selector'] === undefined) causes.push(required('spec.selector'));
  else causes.push(...validateSelector('spec.selector', selector));
  const isEmpty = Object.keys(selector).length === 0;
  if (isEmpty && spec['selector'] !== undefined) {
    causes.push(invalidValue('spec.selector', selector, `empty selector is invalid for ${object.kind.toLowerCase()}`));
  }
  const parsed = parseSelector(selector);
  const fits = parsed.kind === 'ok' && matches(parsed.selector, templateLabels);
  if (!fits || isEmpty) {
    causes.push(
      invalidValue('spec.template.metadata.labels', templateLabels, '`selector` does not match template `labels`'),
    );
  }
  return [
    ...causes,
    ...labels('spec.template.labels', templateLabels),
    ...validatePodSpec('spec.template.spec', record(template['spec'])),
    ...onlyAlways(spec),
  ];
}

function onlyAlways(spec: Readonly<Record<string, unknown>>): readonly Cause[] {
  const policy = at(spec, 'template', 'spec', 'restartPolicy');
  return policy === undefined || policy === 'Always'
    ? []
    : [notSupported('spec.template.spec.restartPolicy', policy, ['Always'])];
}

export function validateScalableChange(object: KubernetesObject, before: KubernetesObject): readonly Cause[] {
  const after = at(object, 'spec', 'selector');
  return sameJson(after, at(before, 'spec', 'selector'))
    ? []
    : [invalidValue('spec.selector', after, 'field is immutable')];
}

export function validateJob(job: KubernetesObject): readonly Cause[] {
  return validateJobSpec('spec', record(job['spec']));
}

function validateJobSpec(field: string, spec: Readonly<Record<string, unknown>>): readonly Cause[] {
  const policy = text(at(spec, 'template', 'spec', 'restartPolicy'));
  return [
    ...validatePodSpec(`${field}.template.spec`, record(at(spec, 'template', 'spec'))),
    ...(policy === 'OnFailure' || policy === 'Never'
      ? []
      : [
          policy === undefined || policy === 'Always'
            ? required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')
            : notSupported(`${field}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never']),
        ]),
  ];
}

export function validateCronJob(job: KubernetesObject): readonly Cause[] {
  const spec = record(job['spec']);
  return [
    ...(text(spec['schedule']) ? [] : [required('spec.schedule')]),
    ...validateJobSpec('spec.jobTemplate.spec', record(at(spec, 'jobTemplate', 'spec'))),
  ];
}
