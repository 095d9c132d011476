import { JSON_SCHEMA, load } from 'js-yaml';

/** The value of a YAML text inside an object (`data` of a ConfigMap); undefined when it is none. */
export function yamlIn(written: string): unknown {
  try {
    return load(written, { schema: JSON_SCHEMA });
  } catch {
    return undefined;
  }
}
