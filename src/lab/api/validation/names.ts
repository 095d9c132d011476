import type { Cause } from '../http/status.ts';
import { invalidValue } from './causes.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PORT_NAME = /^[-a-z0-9]+$/;

const LABEL_SAYS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035_SAYS =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_SAYS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE_SAYS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_SAYS =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

export function dnsLabel(field: string, value: string): readonly Cause[] {
  return [...(LABEL.test(value) ? [] : [invalidValue(field, value, LABEL_SAYS)]), ...tooLong(field, value, 63)];
}

export function dnsLabel1035(field: string, value: string): readonly Cause[] {
  return [
    ...(LABEL_1035.test(value) ? [] : [invalidValue(field, value, LABEL_1035_SAYS)]),
    ...tooLong(field, value, 63),
  ];
}

export function dnsSubdomain(field: string, value: string): readonly Cause[] {
  return [
    ...(SUBDOMAIN.test(value) ? [] : [invalidValue(field, value, SUBDOMAIN_SAYS)]),
    ...tooLong(field, value, 253),
  ];
}

/** Names of RBAC objects: anything that can be one step of a path. */
export function pathSegment(field: string, value: string): readonly Cause[] {
  if (value === '.' || value === '..') return [invalidValue(field, value, `may not be '${value}'`)];
  const bad = ['/', '%'].filter((part) => value.includes(part));
  return bad.map((part) => invalidValue(field, value, `may not contain '${part}'`));
}

/** Keys and values of labels. */
export function labels(field: string, given: Readonly<Record<string, string>>): readonly Cause[] {
  return Object.entries(given).flatMap(([key, value]) => [
    ...labelKey(field, key),
    ...(value === '' || QUALIFIED.test(value) ? [] : [invalidValue(field, value, LABEL_VALUE_SAYS)]),
    ...tooLong(field, value, 63),
  ]);
}

export function labelKey(field: string, key: string): readonly Cause[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2)
    return [invalidValue(field, key, 'a qualified name ' + QUALIFIED_SAYS.slice('name part '.length))];
  return [
    ...(parts.length === 2 && !SUBDOMAIN.test(parts[0] ?? '')
      ? [invalidValue(field, key, `prefix part ${SUBDOMAIN_SAYS}`)]
      : []),
    ...(name === '' ? [invalidValue(field, key, 'name part must be non-empty')] : []),
    ...(QUALIFIED.test(name) ? [] : [invalidValue(field, key, QUALIFIED_SAYS)]),
  ];
}

/** IANA service names, as ports have. */
export function portName(field: string, value: string): readonly Cause[] {
  const says: string[] = [];
  if (value.length > 15) says.push('must be no more than 15 characters');
  if (!PORT_NAME.test(value)) says.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) says.push('must contain at least one letter (a-z)');
  if (value.includes('--')) says.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) says.push('must not begin or end with a hyphen');
  return says.map((detail) => invalidValue(field, value, detail));
}

export function portNumber(field: string, value: unknown): readonly Cause[] {
  const fine = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
  return fine ? [] : [invalidValue(field, value, 'must be between 1 and 65535, inclusive')];
}

function tooLong(field: string, value: string, most: number): readonly Cause[] {
  return value.length > most ? [invalidValue(field, value, `must be no more than ${most} bytes`)] : [];
}
