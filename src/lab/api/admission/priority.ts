import { text } from '../../../model/json.ts';
import { forbidden } from '../http/status.ts';
import { child } from '../objects.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Turns `priorityClassName` into a number; without one the default class counts, else 0. */
export const priority: AdmissionPlugin = ({ core, kind, draft, operation }) => {
  if (kind.resource !== 'pods' || operation !== 'CREATE') return;
  const spec = child(draft, 'spec');
  const classes = core.store.list('priorityclasses.scheduling.k8s.io');
  const name = text(spec['priorityClassName']);
  const found = name ? classes.find((c) => c.metadata.name === name) : classes.find((c) => c['globalDefault'] === true);
  if (name && !found) throw forbidden(kind, draft.metadata.name, `no PriorityClass with name ${name} was found`);
  if (found) spec['priorityClassName'] = found.metadata.name;
  spec['priority'] = found?.['value'] ?? 0;
  spec['preemptionPolicy'] ??= found?.['preemptionPolicy'] ?? 'PreemptLowerPriority';
};
