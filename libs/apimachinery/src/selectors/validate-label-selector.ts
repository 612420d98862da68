import { isLabelValue } from '../names/label-syntax.ts';
import { validateLabelName, validateLabels } from '../names/labels.ts';
import { type FieldError, type FieldPath, forbiddenField, invalidValue, required } from '../validation/field-error.ts';
import type { LabelSelectorFields } from './label-selector.ts';

export interface LabelSelectorValidationOptions {
  /** For objects stored before values were checked. */
  readonly allowInvalidLabelValueInSelector?: boolean;
}

/** The rules for a LabelSelector inside a spec. An absent one is fine here; whether it is required is the kind's rule. */
export function validateLabelSelector(
  selector: LabelSelectorFields | null | undefined,
  path: FieldPath,
  options: LabelSelectorValidationOptions = {},
): FieldError[] {
  if (selector === undefined || selector === null) return [];
  const errors = validateLabels(selector.matchLabels, path.child('matchLabels'));
  selector.matchExpressions?.forEach((expression, position) => {
    const at = path.child('matchExpressions').index(position);
    const { key, operator, values = [] } = expression;
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (values.length > 0) break;
        errors.push(required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length === 0) break;
        errors.push(
          forbiddenField(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
        break;
      default:
        errors.push(invalidValue(at.child('operator'), operator, 'not a valid selector operator'));
    }
    errors.push(...validateLabelName(key, at.child('key')));
    if (options.allowInvalidLabelValueInSelector) return;
    values.forEach((value, index) => {
      for (const message of isLabelValue(value)) {
        errors.push(invalidValue(at.child('values').index(index), value, message));
      }
    });
  });
  return errors;
}
