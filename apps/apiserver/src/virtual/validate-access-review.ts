import {
  fieldPath,
  forbiddenField,
  invalid,
  invalidValue,
  isLabelValue,
  required,
  validateLabelName,
  type FieldError,
  type FieldPath,
  type KubeObject,
} from '@pilothouse/apimachinery';
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SubjectAccessReview,
} from '@pilothouse/api';

type Spec = NonNullable<SubjectAccessReview['spec']>;
type OwnSpec = NonNullable<SelfSubjectAccessReview['spec']>;

const SPEC = fieldPath('spec');

/** The rules of pkg/apis/authorization/validation/validation.go. Reviews have no name, and errors name none. */
export function validateAccessReview(review: SubjectAccessReview): void {
  refuse('SubjectAccessReview', [...specErrors(review.spec), ...metadataErrors(review, 'must be empty')]);
}

export function validateOwnAccessReview(review: SelfSubjectAccessReview): void {
  const errors = [
    ...attributesErrors(review.spec),
    ...selectorsErrors(review.spec),
    ...metadataErrors(review, 'must be empty'),
  ];
  refuse('SelfSubjectAccessReview', errors);
}

export function validateLocalAccessReview(review: LocalSubjectAccessReview): void {
  const { metadata, spec } = review;
  const errors = [...specErrors(spec), ...metadataErrors(review, 'must be empty except for namespace')];
  const namespace = spec?.resourceAttributes?.namespace ?? '';
  if (spec?.resourceAttributes && namespace !== (metadata?.namespace ?? '')) {
    errors.push(
      invalidValue(SPEC.child('resourceAttributes', 'namespace'), namespace, 'must match metadata.namespace'),
    );
  }
  if (spec?.nonResourceAttributes) {
    const shown = internalForm(spec.nonResourceAttributes);
    errors.push(invalidValue(SPEC.child('nonResourceAttributes'), shown, 'disallowed on this kind of request'));
  }
  refuse('LocalSubjectAccessReview', errors);
}

function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid('authorization.k8s.io', kind, '', errors);
}

function specErrors(spec: Spec | undefined): FieldError[] {
  const errors = attributesErrors(spec);
  if (!spec?.user && !spec?.groups?.length) {
    errors.push(invalidValue(SPEC.child('user'), '', 'at least one of user or group must be specified'));
  }
  return [...errors, ...selectorsErrors(spec)];
}

function attributesErrors({ resourceAttributes, nonResourceAttributes }: OwnSpec = {}): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalidValue(SPEC.child('nonResourceAttributes'), internalForm(nonResourceAttributes), why)];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [invalidValue(SPEC.child('resourceAttributes'), null, why)];
}

/** As upstream's internal type prints: under the names of its fields in Go. */
const internalForm = ({ path, verb }: NonResourceAttributes) => ({ Path: path ?? '', Verb: verb ?? '' });

function selectorsErrors({ resourceAttributes }: OwnSpec = {}): FieldError[] {
  const { fieldSelector, labelSelector }: ResourceAttributes = resourceAttributes ?? {};
  const path = SPEC.child('resourceAttributes');
  return [
    ...selectorErrors(fieldSelector, path.child('fieldSelector'), fieldRequirementErrors),
    ...selectorErrors(labelSelector, path.child('labelSelector'), labelRequirementErrors),
  ];
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

function selectorErrors(
  selector: { readonly rawSelector?: string; readonly requirements?: readonly Requirement[] } | undefined,
  path: FieldPath,
  requirementErrors: (requirement: Requirement, path: FieldPath) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0) {
    const why = 'may not specified at the same time as requirements';
    errors.push(invalidValue(path.child('rawSelector'), rawSelector, why));
  }
  if (rawSelector === '' && requirements.length === 0) {
    const why = `when ${path} is specified, requirements or rawSelector is required`;
    errors.push(required(path.child('requirements'), why));
  }
  for (const [index, requirement] of requirements.entries()) {
    errors.push(...requirementErrors(requirement, path.child('requirements').index(index)));
  }
  return errors;
}

function fieldRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const named = requirement.key === '' ? [required(path.child('key'), 'must be specified')] : [];
  return [...named, ...valuesErrors(requirement, path)];
}

function labelRequirementErrors(requirement: Requirement, path: FieldPath): FieldError[] {
  const errors = [...valuesErrors(requirement, path), ...validateLabelName(requirement.key, path.child('key'))];
  for (const [index, value] of (requirement.values ?? []).entries()) {
    for (const problem of isLabelValue(value))
      errors.push(invalidValue(path.child('values').index(index), value, problem));
  }
  return errors;
}

/** Operators that are not known are for newer servers, not a mistake: such a requirement is left out of the question. */
function valuesErrors({ operator, values = [] }: Requirement, path: FieldPath): FieldError[] {
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0) {
    return [required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  const takesNone = operator === 'Exists' || operator === 'DoesNotExist';
  if (takesNone && values.length > 0) {
    return [forbiddenField(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  }
  return [];
}

/** Reviews are in no namespace, except for local ones: that is looked at elsewhere. */
function metadataErrors({ metadata }: KubeObject, why: string): FieldError[] {
  const { managedFields: _, namespace: _namespace, ...rest } = metadata ?? {};
  if (Object.values(rest).every(isEmpty)) return [];
  return [invalidValue(fieldPath('metadata'), metadata, why)];
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
