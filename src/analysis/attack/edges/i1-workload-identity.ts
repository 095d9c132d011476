import { text } from '../../../model/json.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { containersAt, IN_POD } from '../hops/hops.ts';
import { node } from '../nodes.ts';

/** Annotations of a ServiceAccount that tie it to an identity of a cloud. */
const ANNOTATIONS = [
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
];

export const workloadIdentity = defineEdge({
  id: 'I1',
  title: 'the workload has an identity in the cloud',
  technique: ['T1078.004'],
  matrix: ['TA9020'],
  cost: 1,
  from: IN_POD,
  *hops(from, world) {
    for (const unit of new Set(containersAt(from, world).map((place) => place.unit))) {
      const account = world.snapshot.get('ServiceAccount', unit.namespace, unit.serviceAccount)?.object;
      for (const annotation of ANNOTATIONS) {
        const principal = text(account?.metadata.annotations?.[annotation]);
        if (!account || principal === undefined) continue;
        if (annotation.startsWith('azure') && unit.workload.template.labels['azure.workload.identity/use'] !== 'true')
          continue;
        const ref = {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          namespace: unit.namespace,
          name: account.metadata.name,
        };
        yield {
          to: node('CloudPrincipal', principal),
          needs: [unit.ref, ref],
          because: () => [
            {
              kind: 'field',
              object: ref,
              path: `metadata.annotations['${annotation}']`,
              value: principal,
              says: `pods of ${unit.namespace}/${unit.name} act as ${principal} in the cloud`,
            },
          ],
        };
      }
    }
  },
  fix: 'Give the cloud identity only what this workload needs, and the account to this workload alone.',
  prove: 'Look whether the web identity token is mounted; it is not used.',
});
