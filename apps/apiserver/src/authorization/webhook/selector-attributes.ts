import type { FieldTerm, LabelOperator, LabelRequirement } from '@pilothouse/apimachinery';
import type { AskedSelectors } from '../asked-selectors.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface SelectorAttributes {
  readonly fieldSelector?: { readonly requirements: readonly Requirement[] };
  readonly labelSelector?: { readonly requirements: readonly Requirement[] };
}

/** Comparisons of numbers have no counterpart; without them the question is a wider one. */
const OPERATORS: Readonly<Partial<Record<LabelOperator, string>>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** What narrows the objects asked for, as a SubjectAccessReview says it; upstream: webhook.resourceAttributesFrom. */
export function selectorAttributes({ fieldTerms = [], labelRequirements = [] }: AskedSelectors): SelectorAttributes {
  const fields = fieldTerms.map(fieldRequirement);
  const labels = labelRequirements.flatMap(labelRequirement);
  return {
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  };
}

function fieldRequirement({ field, operator, value }: FieldTerm): Requirement {
  return { key: field, operator: operator === '=' ? 'In' : 'NotIn', values: [value] };
}

function labelRequirement({ key, operator, values }: LabelRequirement): Requirement[] {
  const known = OPERATORS[operator];
  if (known === undefined) return [];
  return [{ key, operator: known, ...(values.length > 0 && { values }) }];
}
