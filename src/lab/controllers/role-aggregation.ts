import { at, list, records } from '../../model/json.ts';
import { sameJson } from '../api/objects.ts';
import { each, KIND, type Controller } from './controller.ts';
import { selects } from './pods.ts';

/** Fills ClusterRoles with an `aggregationRule` with the rules of the roles it selects. */
export const roleAggregation: Controller = {
  name: 'clusterrole-aggregation-controller',
  watches: [KIND.clusterRole],
  reconcile(turn) {
    const roles = turn.client.list(KIND.clusterRole);
    const aggregating = roles.filter((role) => at(role, 'aggregationRule') !== undefined);
    each(aggregating, turn, (role) => {
      const selectors = records(at(role, 'aggregationRule', 'clusterRoleSelectors')).map(([, selector]) => selector);
      const parts = roles.filter(
        (part) => part.metadata.name !== role.metadata.name && selectors.some((selector) => selects(selector, part)),
      );
      const rules: unknown[] = [];
      for (const rule of parts.flatMap((part) => list(part['rules']))) {
        if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
      }
      if (sameJson(rules, list(role['rules']))) return;
      turn.client.patch(KIND.clusterRole, undefined, role.metadata.name, { rules });
    });
  },
};
