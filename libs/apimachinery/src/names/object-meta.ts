import { deepEqual } from '../deep/deep-equal.ts';
import type { KubeObject, ObjectMeta } from '../meta/object.ts';
import {
  type FieldError,
  type FieldPath,
  fieldPath,
  forbiddenField,
  invalidValue,
  required,
} from '../validation/field-error.ts';
import { validateFinalizers, validateNoNewFinalizers } from './finalizers.ts';
import { validateAnnotations, validateLabels } from './labels.ts';
import { validateManagedFields } from './managed-fields.ts';
import { nameIsDNSLabel, nameIsDNSSubdomain, type NameRule } from './name-rule.ts';
import { validateOwnerReferences } from './owner-references.ts';

export const FIELD_IMMUTABLE = 'field is immutable';
export const IS_NEGATIVE = 'must be greater than or equal to 0';

/** What must hold of the metadata of every new object, once its name is generated. */
export function validateObjectMeta(
  object: KubeObject,
  namespaced: boolean,
  nameRule: NameRule = nameIsDNSSubdomain,
  path: FieldPath = fieldPath('metadata'),
): FieldError[] {
  const meta = object.metadata ?? {};
  const errors: FieldError[] = [];
  if (meta.generateName) {
    for (const message of nameRule(meta.generateName, true)) {
      errors.push(invalidValue(path.child('generateName'), meta.generateName, message));
    }
  }
  if (!meta.name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else {
    for (const message of nameRule(meta.name, false)) {
      errors.push(invalidValue(path.child('name'), meta.name, message));
    }
  }
  if (!namespaced) {
    if (meta.namespace) errors.push(forbiddenField(path.child('namespace'), 'not allowed on this type'));
  } else if (!meta.namespace) errors.push(required(path.child('namespace')));
  else {
    for (const message of nameIsDNSLabel(meta.namespace, false)) {
      errors.push(invalidValue(path.child('namespace'), meta.namespace, message));
    }
  }
  if ((meta.generation ?? 0) < 0) errors.push(invalidValue(path.child('generation'), meta.generation, IS_NEGATIVE));
  return [
    ...errors,
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateOwnerReferences(meta.ownerReferences ?? [], path.child('ownerReferences')),
    ...validateFinalizers(meta.finalizers ?? [], path.child('finalizers')),
    ...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

/** Each with what stands for it when it is absent, as upstream prints it. */
const IMMUTABLE = {
  name: '',
  namespace: '',
  uid: '',
  creationTimestamp: null,
  deletionTimestamp: null,
  deletionGracePeriodSeconds: null,
} as const satisfies { [field in keyof ObjectMeta]?: '' | null };

/** What must hold of the metadata of an object that replaces `old`. */
export function validateObjectMetaUpdate(
  object: KubeObject,
  old: KubeObject,
  path: FieldPath = fieldPath('metadata'),
): FieldError[] {
  const [next, previous] = [object.metadata ?? {}, old.metadata ?? {}];
  const errors: FieldError[] = [];
  if (previous.deletionTimestamp) {
    errors.push(...validateNoNewFinalizers(next.finalizers ?? [], previous.finalizers ?? [], path.child('finalizers')));
  }
  if (!next.resourceVersion) {
    errors.push(
      invalidValue(path.child('resourceVersion'), next.resourceVersion ?? '', 'must be specified for an update'),
    );
  }
  if ((next.generation ?? 0) < (previous.generation ?? 0)) {
    errors.push(invalidValue(path.child('generation'), next.generation ?? 0, 'must not be decremented'));
  }
  for (const [name, absent] of Object.entries(IMMUTABLE)) {
    const field = name as keyof typeof IMMUTABLE;
    errors.push(...validateImmutableField(next[field] ?? absent, previous[field] ?? absent, path.child(name)));
  }
  return [
    ...errors,
    ...validateLabels(next.labels, path.child('labels')),
    ...validateAnnotations(next.annotations, path.child('annotations')),
    ...validateOwnerReferences(next.ownerReferences ?? [], path.child('ownerReferences')),
    ...validateManagedFields(next.managedFields ?? [], path.child('managedFields')),
  ];
}

export function validateImmutableField(value: unknown, old: unknown, path: FieldPath): FieldError[] {
  return deepEqual(value, old) ? [] : [invalidValue(path, value, FIELD_IMMUTABLE)];
}

export function validateNonnegativeField(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, IS_NEGATIVE)] : [];
}
