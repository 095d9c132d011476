import { at, isRecord, records, text } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** The environment of a process is in its dumps and logs, is inherited by its children and never changes; a file is not. */
export const secretAsEnvRef = defineCheck({
  id: 'secret-as-env-ref',
  title: 'A Secret is handed over in the environment',
  holds: 'Secrets are mounted as files',
  severity: 'low',
  examines: everyPod,
  frameworks: { cis: ['5.4.1'], nsa: ['authentication'], attack: ['T1552.007'], owasp: ['K03'] },
  messages: {
    key: ({
      container,
      name,
      secret,
    }: {
      readonly container: string;
      readonly name: string;
      readonly secret: string;
    }) => `container ${container} gets ${name} from Secret ${secret} in its environment`,
    all: ({ container, secret }: { readonly container: string; readonly secret: string }) =>
      `container ${container} gets all of Secret ${secret} in its environment`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      for (const [index, variable] of records(container.container['env'])) {
        const reference = at(variable, 'valueFrom', 'secretKeyRef');
        if (!isRecord(reference)) continue;
        const data = {
          container: container.name,
          name: text(variable['name']) ?? '',
          secret: text(reference['name']) ?? '',
        };
        yield report('key', data, container.place('env', index, 'valueFrom', 'secretKeyRef'));
      }
      for (const [index, source] of records(container.container['envFrom'])) {
        const reference = source['secretRef'];
        if (!isRecord(reference)) continue;
        const data = { container: container.name, secret: text(reference['name']) ?? '' };
        yield report('all', data, container.place('envFrom', index, 'secretRef'));
      }
    }
  },
});
