import { strings } from '../../../model/json.ts';
import { actions, may, type Action } from '../hops/actions.ts';
import { defineEdge } from '../hops/define-edge.ts';
import { byTheRight, inSpec } from '../hops/hops.ts';
import { identityOfAccount } from '../hops/principals.ts';

/** A controller that does with its own rights what an object says. */
interface Obeyed {
  readonly resources: readonly string[];
  readonly image: RegExp;
  /** Which program of the image it is, where there are several: in the workload's name or its command. */
  readonly program?: RegExp;
  /** It applies what the object names with its own rights, or it makes pods in the object's namespace. */
  readonly gives: 'its rights' | 'pods';
  /** Objects count only in the namespace of the controller. */
  readonly atHome?: true;
  /** An argument which makes it act for each tenant instead. */
  readonly unless?: RegExp;
  /** What else decides whether it does. */
  readonly open?: string;
}

const OBEYED: readonly Obeyed[] = [
  {
    resources: ['applications.argoproj.io'],
    image: /(^|\/)argocd(:|@|$)/,
    program: /application-controller/,
    gives: 'its rights',
    atHome: true,
  },
  {
    resources: ['kustomizations.kustomize.toolkit.fluxcd.io'],
    image: /(^|\/)kustomize-controller(:|@|$)/,
    gives: 'its rights',
    unless: /^--default-service-account=./,
  },
  {
    resources: ['helmreleases.helm.toolkit.fluxcd.io'],
    image: /(^|\/)helm-controller(:|@|$)/,
    gives: 'its rights',
    unless: /^--default-service-account=./,
  },
  {
    resources: ['workflows.argoproj.io', 'cronworkflows.argoproj.io'],
    image: /(^|\/)workflow-controller(:|@|$)/,
    gives: 'pods',
  },
  {
    resources: ['taskruns.tekton.dev', 'pipelineruns.tekton.dev'],
    image: /(^|\/)(tekton-pipelines-controller|pipeline\/cmd\/controller)/,
    gives: 'pods',
  },
  {
    resources: ['clusterpolicies.kyverno.io'],
    image: /(^|\/)kyverno\/(background-controller|kyverno)(:|@|$)/,
    gives: 'its rights',
  },
  {
    resources: ['compositions.apiextensions.crossplane.io'],
    image: /(^|\/)crossplane\/crossplane(:|@|$)/,
    gives: 'its rights',
  },
  {
    resources: ['objects.kubernetes.crossplane.io'],
    image: /(^|\/)provider-kubernetes(:|@|$)/,
    gives: 'its rights',
  },
  {
    resources: ['restores.velero.io'],
    image: /(^|\/)velero\/velero(:|@|$)/,
    gives: 'its rights',
    atHome: true,
    open: 'a restore makes what is in a backup: whether one can be written is not in the facts',
  },
  { resources: ['sparkapplications.sparkoperator.k8s.io'], image: /(^|\/)spark-operator(:|@|$)/, gives: 'pods' },
];

const MAKE_PODS: Action = 'create pods';

export const controllersOfOthers = defineEdge({
  id: 'G7',
  title: 'an object that a stronger controller obeys',
  technique: ['T1098'],
  cost: 1,
  from: actions(
    ['create', 'update', 'patch'],
    OBEYED.flatMap(({ resources }) => resources),
  ),
  asks: [MAKE_PODS],
  *hops(right, world) {
    const resource = right.name?.split(' ')[1] ?? '';
    for (const { resources, image, program, gives, atHome, unless, open } of OBEYED) {
      if (!resources.includes(resource)) continue;
      for (const unit of world.pods.running(image)) {
        if (atHome && right.namespace !== undefined && right.namespace !== unit.namespace) continue;
        const words = unit.containers.flatMap(({ entry: { container } }) => [
          ...strings(container['command']),
          ...strings(container['args']),
        ]);
        if (program && ![unit.name, ...words].some((word) => program.test(word))) continue;
        if (unless && words.some((word) => unless.test(word))) continue;
        yield {
          to:
            gives === 'pods' ? may(MAKE_PODS, right.namespace) : identityOfAccount(unit.namespace, unit.serviceAccount),
          needs: [unit.ref],
          because: () => [
            ...byTheRight(),
            inSpec(unit, ['containers'], `${unit.namespace}/${unit.name} does what ${resource} say, with ${gives}`),
          ],
          ...(open === undefined ? {} : { open }),
        };
      }
    }
  },
  fix: 'Let the controller act as an account of the tenant; give write on these objects as you would give its rights.',
  prove: 'Ask for an access review; server-side dry run of such an object.',
});
