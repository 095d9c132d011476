import { at, list, records } from '../../../model/json.ts';
import { child } from '../objects.ts';
import type { AdmissionPlugin } from './plugin.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

/** A pod stays five minutes on a node that is lost, unless it says otherwise. */
export const defaultTolerations: AdmissionPlugin = ({ kind, draft, operation }) => {
  if (kind.resource !== 'pods' || operation !== 'CREATE') return;
  const tolerations = records(at(draft, 'spec', 'tolerations')).map(([, toleration]) => toleration);
  const missing = TAINTS.filter(
    (taint) =>
      !tolerations.some(
        ({ key, effect }) =>
          (key === taint || key === undefined || key === '') && (effect === 'NoExecute' || effect === undefined),
      ),
  );
  if (missing.length === 0) return;
  child(draft, 'spec')['tolerations'] = [
    ...list(at(draft, 'spec', 'tolerations')),
    ...missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ];
};
