import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  isPathSegmentName,
  notSupported,
  required,
  validateLabelSelector,
} from '@pilothouse/apimachinery';
import type { LabelSelector, ParamRef } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { UNSET } from '../printing/index.ts';

const ACTIONS = ['Deny', 'Allow'];
const NOT_BOTH = 'name and selector are mutually exclusive';

/** Which objects parameterise a binding. */
export function validateParamRef(ref: ParamRef, path: FieldPath, errors: FieldError[]): void {
  const { name, selector, parameterNotFoundAction: action } = ref;
  if (name) {
    pushInvalid(errors, path.child('name'), name, isPathSegmentName(name));
    if (selector) errors.push(forbiddenField(path.child('name'), NOT_BOTH));
  }
  errors.push(...validateLabelSelector(selector, path.child('selector')));
  if (name && selector) errors.push(forbiddenField(path.child('selector'), NOT_BOTH));
  if (!name && !selector) errors.push(required(path, 'one of name or selector must be specified'));
  const at = path.child('parameterNotFoundAction');
  if (!action) errors.push(required(at));
  else if (!ACTIONS.includes(action)) errors.push(notSupported(at, action, ACTIONS));
}

export function paramRefCell(ref: ParamRef | undefined): string {
  if (!ref) return UNSET;
  if (ref.name) return `${ref.namespace || '*'}/${ref.name}`;
  return ref.selector ? goText(ref.selector) : UNSET;
}

/** Upstream prints the struct as Go would. */
function goText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
