import { at, isRecord, stringMap } from '../../../model/json.ts';
import { child, setDefault, type Draft, type Fields } from '../objects.ts';
import { defaultPodSpec } from './pod.ts';

/** Defaults of the kinds that make pods. Source: pkg/apis/{apps,batch}/v1/defaults.go. */

export function defaultDeployment(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
  const strategy = child(spec, 'strategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = child(strategy, 'rollingUpdate');
    setDefault(rolling, 'maxUnavailable', '25%');
    setDefault(rolling, 'maxSurge', '25%');
  }
  defaultTemplate(spec);
}

export function defaultReplicaSet(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'replicas', 1);
  defaultTemplate(spec);
}

export function defaultReplicationController(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'replicas', 1);
  defaultTemplate(spec);
  setDefault(spec, 'selector', { ...stringMap(at(spec, 'template', 'metadata', 'labels')) });
}

export function defaultStatefulSet(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'podManagementPolicy', 'OrderedReady');
  setDefault(spec, 'persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain', whenScaled: 'Retain' });
  const strategy = child(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') setDefault(child(strategy, 'rollingUpdate'), 'partition', 0);
  defaultTemplate(spec);
}

export function defaultDaemonSet(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'revisionHistoryLimit', 10);
  const strategy = child(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = child(strategy, 'rollingUpdate');
    setDefault(rolling, 'maxUnavailable', 1);
    setDefault(rolling, 'maxSurge', 0);
  }
  defaultTemplate(spec);
}

export function defaultJob(draft: Draft): void {
  const spec = child(draft, 'spec');
  const labels = stringMap(at(spec, 'template', 'metadata', 'labels'));
  if (draft.metadata.labels === undefined && Object.keys(labels).length > 0) draft.metadata.labels = labels;
  defaultJobSpec(spec);
  setDefault(spec, 'suspend', false);
}

function defaultJobSpec(spec: Fields): void {
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) spec['completions'] = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', 6);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'manualSelector', false);
  setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed');
  defaultTemplate(spec);
}

export function defaultCronJob(draft: Draft): void {
  const spec = child(draft, 'spec');
  setDefault(spec, 'concurrencyPolicy', 'Allow');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'successfulJobsHistoryLimit', 3);
  setDefault(spec, 'failedJobsHistoryLimit', 1);
  const job = child(spec, 'jobTemplate');
  setDefault(job, 'metadata', {});
  defaultTemplate(child(job, 'spec'));
}

function defaultTemplate(spec: Fields): void {
  const template = child(spec, 'template');
  setDefault(template, 'metadata', {});
  if (isRecord(template['spec'])) defaultPodSpec(template['spec']);
}
