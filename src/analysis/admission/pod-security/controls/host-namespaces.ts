import { defineControl } from '../control.ts';

const FIELDS = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

/** A pod in a namespace of its node sees the node's network, processes or shared memory. */
export const hostNamespaces = defineControl({
  id: 'hostNamespaces',
  level: 'baseline',
  title: 'Host namespaces',
  versions: [
    {
      from: 0,
      judge({ spec }) {
        const bad = FIELDS.filter((field) => spec[field] === true);
        if (bad.length === 0) return undefined;
        return {
          reason: 'host namespaces',
          detail: bad.map((field) => `${field}=true`).join(', '),
          offences: bad.map((field) => ({ path: ['spec', field] })),
        };
      },
    },
  ],
});
