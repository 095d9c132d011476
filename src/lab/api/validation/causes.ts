import type { Cause } from '../http/status.ts';

/** The kinds of complaint upstream has, in its words (apimachinery/pkg/util/validation/field/errors.go). */

export function required(field: string, detail = ''): Cause {
  return { reason: 'FieldValueRequired', message: `Required value${detail === '' ? '' : `: ${detail}`}`, field };
}

export function invalidValue(field: string, value: unknown, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${show(value)}: ${detail}`, field };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): Cause {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${show(value)}: supported values: ${list}`,
    field,
  };
}

export function forbiddenField(field: string, detail: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field };
}

export function duplicate(field: string, value: unknown): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${show(value)}`, field };
}

export function notFoundField(field: string, value: unknown): Cause {
  return { reason: 'FieldValueNotFound', message: `Not found: ${show(value)}`, field };
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
