import { at, record, text, type JsonRecord } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Cause } from '../http/status.ts';
import { invalidValue, required } from './causes.ts';
import { validateSelector } from './selector.ts';

/** Source: pkg/apis/policy/validation. */
export function validateDisruptionBudget(budget: KubernetesObject): readonly Cause[] {
  const spec = record(budget['spec']);
  const causes: Cause[] = [];
  if (spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined) {
    causes.push(invalidValue('spec', internalSpec(spec), 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const field of ['minAvailable', 'maxUnavailable']) causes.push(...amount(`spec.${field}`, spec[field]));
  return [...causes, ...validateSelector('spec.selector', spec['selector'])];
}

/** Upstream shows its internal type here, by Go's field names. */
function internalSpec(spec: JsonRecord): JsonRecord {
  return {
    MinAvailable: spec['minAvailable'],
    Selector: spec['selector'] ?? null,
    MaxUnavailable: spec['maxUnavailable'],
    UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
  };
}

/** A whole number that is not negative, or a percentage up to 100. */
function amount(field: string, value: unknown): readonly Cause[] {
  if (value === undefined) return [];
  if (typeof value === 'number') {
    return value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];
  }
  const percent = /^(\d+)%$/.exec(text(value) ?? '');
  if (!percent) {
    return [
      invalidValue(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  }
  return Number(percent[1]) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}

export function validateSecret(secret: KubernetesObject): readonly Cause[] {
  if (secret['type'] !== 'kubernetes.io/tls') return [];
  return ['tls.crt', 'tls.key'].flatMap((key) =>
    at(secret, 'data', key) === undefined ? [required(`data[${key}]`)] : [],
  );
}

export function validateCustomResourceDefinition(crd: KubernetesObject): readonly Cause[] {
  const group = text(at(crd, 'spec', 'group')) ?? '';
  const plural = text(at(crd, 'spec', 'names', 'plural')) ?? '';
  const wanted = `${plural}.${group}`;
  if (crd.metadata.name === wanted) return [];
  return [invalidValue('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`)];
}
