import { list, records, stringMap, text } from '../../../model/json.ts';
import type { Cause } from '../http/status.ts';
import { forbiddenField, invalidValue, required } from './causes.ts';
import { labelKey, labels } from './names.ts';

/** A metav1.LabelSelector. Source: apimachinery/pkg/apis/meta/v1/validation. */
export function validateSelector(field: string, selector: unknown): readonly Cause[] {
  const of = (selector ?? {}) as Readonly<Record<string, unknown>>;
  return [
    ...labels(`${field}.matchLabels`, stringMap(of['matchLabels'])),
    ...records(of['matchExpressions']).flatMap(([index, expression]): readonly Cause[] => {
      const at = `${field}.matchExpressions[${index}]`;
      const values = list(expression['values']);
      const operator = text(expression['operator']) ?? '';
      const causes: Cause[] = [];
      if (operator === 'In' || operator === 'NotIn') {
        if (values.length === 0) {
          causes.push(required(`${at}.values`, `must be specified when \`operator\` is 'In' or 'NotIn'`));
        }
      } else if (operator === 'Exists' || operator === 'DoesNotExist') {
        if (values.length > 0) {
          causes.push(
            forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
          );
        }
      } else {
        causes.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
      }
      return [...causes, ...labelKey(`${at}.key`, text(expression['key']) ?? '')];
    }),
  ];
}
