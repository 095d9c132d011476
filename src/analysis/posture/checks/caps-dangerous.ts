import { addedCapabilities } from '../capabilities.ts';
import { defineCheck } from '../define-check.ts';
import { everyPod } from '../subjects.ts';

/** What each of these lets a container do to its node. */
const DANGEROUS: Readonly<Record<string, string>> = {
  ALL: 'everything root may',
  SYS_ADMIN: 'mount file systems and leave its namespaces',
  SYS_MODULE: 'load kernel modules',
  SYS_PTRACE: 'take over other processes it can see',
  SYS_RAWIO: 'read and write memory and devices of the machine',
  BPF: 'load programs into the kernel',
  NET_ADMIN: 'change interfaces, routes and packet filters',
  DAC_READ_SEARCH: 'open any file of the node by its handle',
};

/** Capabilities with a known way from the container to its node. */
export const capsDangerous = defineCheck({
  id: 'caps-dangerous',
  title: 'A container has a capability that leads to its node',
  holds: 'No container adds a capability that leads to its node',
  severity: 'critical',
  examines: everyPod,
  frameworks: { pss: 'baseline', cis: ['5.2.9'], nsa: ['pods'], attack: ['T1611'], owasp: ['K01'] },
  messages: {
    added: ({
      container,
      capability,
      may,
    }: {
      readonly container: string;
      readonly capability: string;
      readonly may: string;
    }) => `container ${container} adds ${capability}: it may ${may}`,
  },
  *run(pod, report) {
    for (const container of pod.containers) {
      for (const { name, index } of addedCapabilities(container)) {
        const may = DANGEROUS[name];
        if (may === undefined) continue;
        const place = container.place('securityContext', 'capabilities', 'add', index);
        yield report('added', { container: container.name, capability: name, may }, place);
      }
    }
  },
});
