import { collection, core, get, patch, post, type Case } from './case.ts';

const labels = { app: 'evicted' };
const ready = [{ type: 'Ready', status: 'True' }];
const eviction = (name: string): object => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
const budget = `${collection('policy/v1', 'poddisruptionbudgets')}/keep`;

/** A pod on a node that is not there, said to be ready: no kubelet has a word in it. */
export const EVICTIONS: readonly Case[] = [
  post(
    'evict: a pod',
    `${core}/pods`,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'e', labels },
      spec: {
        nodeName: 'nowhere',
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: 'i' }],
      },
    },
    { reasonOnly: true },
  ),
  patch(
    'evict: it is ready',
    'merge',
    `${core}/pods/e/status`,
    { status: { phase: 'Running', conditions: ready } },
    { reasonOnly: true },
  ),
  post('evict: a budget', collection('policy/v1', 'poddisruptionbudgets'), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'keep' },
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  }),
  get('evict: the budget counts', budget, { until: ['status.currentHealthy', 1] }),
  post('evict: refused', `${core}/pods/e/eviction`, eviction('e')),
  post('evict: nobody', `${core}/pods/none/eviction`, eviction('none')),
  post('evict: another name', `${core}/pods/e/eviction`, eviction('f'), { reasonOnly: true }),
  patch('evict: the budget allows', 'merge', budget, { spec: { minAvailable: 0 } }),
  get('evict: one may go', budget, { until: ['status.disruptionsAllowed', 1] }),
  post('evict: a dry run', `${core}/pods/e/eviction?dryRun=All`, eviction('e'), { reasonOnly: true }),
  post('evict: gone', `${core}/pods/e/eviction`, eviction('e'), { reasonOnly: true }),
];
