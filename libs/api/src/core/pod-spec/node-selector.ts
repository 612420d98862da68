import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  isLabelValue,
  namedString,
  required,
  validateLabelName,
} from '@pilothouse/apimachinery';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '@pilothouse/api';
import type { InternalFields } from '../validation/internal-form.ts';
import { pushInvalid } from '../validation/push-invalid.ts';

const NOT_AN_OPERATOR = 'not a valid selector operator';

const REQUIREMENT_FIELDS: InternalFields = {
  Key: ['key', ''],
  Operator: ['operator', ''],
  Values: ['values', null],
};

export const TERM_FIELDS: InternalFields = {
  MatchExpressions: ['matchExpressions', null, REQUIREMENT_FIELDS],
  MatchFields: ['matchFields', null, REQUIREMENT_FIELDS],
};

/** Requirements on nodes that must hold: of a pod's affinity, and of a volume's. */
export function validateNodeSelector(selector: NodeSelector, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('nodeSelectorTerms');
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.push(required(at, 'must have at least one node selector term'));
  terms.forEach((term, index) => validateNodeSelectorTerm(term, at.index(index), errors));
}

interface TermRules {
  /** A preference may name a value that no label can have: it then prefers nothing. */
  readonly anyLabelValue?: boolean;
}

export function validateNodeSelectorTerm(
  term: NodeSelectorTerm,
  path: FieldPath,
  errors: FieldError[],
  rules: TermRules = {},
): void {
  (term.matchExpressions ?? []).forEach((requirement, index) => {
    validateExpression(requirement, path.child('matchExpressions').index(index), errors, rules);
  });
  (term.matchFields ?? []).forEach((requirement, index) => {
    validateField(requirement, path.child('matchFields').index(index), errors);
  });
}

function validateExpression(
  { key = '', operator = '', values = [] }: NodeSelectorRequirement,
  path: FieldPath,
  errors: FieldError[],
  { anyLabelValue = false }: TermRules,
): void {
  const at = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(forbiddenField(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else errors.push(invalidValue(path.child('operator'), namedString(operator), NOT_AN_OPERATOR));
  errors.push(...validateLabelName(key, path.child('key')));
  if (anyLabelValue) return;
  values.forEach((value, index) => pushInvalid(errors, at.index(index), value, isLabelValue(value)));
}

/** The only field of a node that can be matched is its name. */
function validateField(
  { key = '', operator = '', values = [] }: NodeSelectorRequirement,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('values');
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(path.child('operator'), namedString(operator), NOT_AN_OPERATOR));
  } else if (values.length !== 1) {
    errors.push(required(at, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== 'metadata.name') {
    errors.push(invalidValue(path.child('key'), key, 'not a valid field selector key'));
    return;
  }
  values.forEach((value, index) => pushInvalid(errors, at.index(index), value, isDNS1123Subdomain(value)));
}
