import { records, strings, text } from '../../../model/json.ts';
import { credentialIn, credentialsIn, isNamedCredential, LOOKS_LIKE_ONE } from '../credentials.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** A credential in a pod spec is readable for all who may read workloads, and in every copy of the manifest. */
export const literalSecretEnv = defineCheck({
  id: 'literal-secret-env',
  title: 'A credential is written in a workload',
  holds: 'No credential is written in the environment or arguments of a container',
  severity: 'high',
  examines: everyPod,
  frameworks: { cis: ['5.4.1'], nsa: ['authentication'], attack: ['T1552.001'], owasp: ['K03'] },
  messages: {
    variable: ({
      container,
      name,
      what,
    }: {
      readonly container: string;
      readonly name: string;
      readonly what: string;
    }) => `container ${container} has ${what} in its variable ${name}`,
    argument: ({ container, what }: { readonly container: string; readonly what: string }) =>
      `container ${container} has ${what} in its command line`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      for (const [index, variable] of records(container.container['env'])) {
        const name = text(variable['name']) ?? '';
        const value = text(variable['value']) ?? '';
        const what = credentialIn(value) ?? (isNamedCredential(name, value) ? LOOKS_LIKE_ONE : undefined);
        if (what === undefined) continue;
        yield report('variable', { container: container.name, name, what }, container.place('env', index, 'name'));
      }
      for (const list of ['command', 'args'] as const) {
        for (const { index, what } of credentialsIn(strings(container.container[list])))
          yield report('argument', { container: container.name, what }, container.place(list, index));
      }
    }
  },
});
