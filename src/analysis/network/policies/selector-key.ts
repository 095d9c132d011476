import type { LabelSelector } from '../../../model/selectors.ts';

/** Equal for selectors of equal wording. Label keys and values hold none of the separators. */
export function keyOfSelector(selector: LabelSelector): string {
  let key = '';
  for (const requirement of selector)
    key += `${requirement.operator} ${requirement.key}${'values' in requirement ? `:${requirement.values.join()}` : ''};`;
  return key;
}
