import type { Because } from '../../../model/because.ts';
import { formatRef } from '../../../model/object.ts';
import { describeRule } from '../../access/rules.ts';
import type { BoundRole, HeldRole } from '../facts/access-facts.ts';
import type { AttackNode } from '../nodes.ts';

/** A rule with the role it is of and where it counts, as a reason. */
export function becauseOfRule({ role, namespace }: HeldRole, index: number): Because {
  const where = namespace === undefined ? 'everywhere' : `in ${namespace}`;
  const written = role.rules[index];
  const place = role.writtenIn?.[index] ?? { role: role.ref, rule: index };
  return {
    kind: 'field',
    object: place.role,
    path: `rules[${place.rule}]`,
    says: `${formatRef(role.ref)} allows ${written ? describeRule(written) : 'nothing'} ${where}`,
  };
}

/** A binding, as the reason why somebody has its role. */
export function becauseOfBinding({ role, binding }: BoundRole, to: AttackNode): Because {
  const says = `${formatRef(binding)} gives ${to.name ?? 'it'} ${formatRef(role.ref)}`;
  return { kind: 'field', object: binding, path: 'subjects', says };
}
