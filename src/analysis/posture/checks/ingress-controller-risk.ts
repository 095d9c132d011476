import { at, records, stringMap, text } from '../../../model/json.ts';
import { defineCheck } from '../define-check.ts';
import { objectsOf } from '../subjects.ts';

/** An author of an Ingress who may write configuration of the controller runs code in it and has its Secrets. */
export const ingressControllerRisk = defineCheck({
  id: 'ingress-controller-risk',
  title: 'An Ingress reaches into its controller or catches every host',
  holds: 'The Ingress keeps to its own hosts and to the settings of its controller',
  severity: 'high',
  severities: { wildcard: 'low' },
  examines: objectsOf('Ingress.networking.k8s.io'),
  frameworks: { nsa: ['network', 'upgrade'], attack: ['T1190'], owasp: ['K06', 'K07'] },
  messages: {
    snippet: ({ key }: { readonly key: string }) =>
      `${key} puts configuration of its author into the controller, which holds the Secrets of every Ingress`,
    wildcard: ({ host }: { readonly host: string }) => `the Ingress catches ${host}, and so requests meant for others`,
  },
  *run(resource, report) {
    for (const key of Object.keys(stringMap(resource.object.metadata.annotations))) {
      if (!/\/(server|configuration|auth|stream|modsecurity)-snippets?$/.test(key)) continue;
      yield report('snippet', { key }, { resource, path: ['metadata', 'annotations', key] });
    }
    for (const [index, rule] of records(at(resource.object, 'spec', 'rules'))) {
      const host = text(rule['host']);
      if (host === undefined || host === '') {
        yield report('wildcard', { host: 'every host' }, { resource, path: ['spec', 'rules', index] });
      } else if (/^\*\.[^.]+$/.test(host)) {
        yield report('wildcard', { host }, { resource, path: ['spec', 'rules', index, 'host'] });
      }
    }
  },
});
