import {
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../validation/field-error.ts';
import { validateFieldManager } from './managed-fields.ts';

/** The query parameters of a write, as its options object has them. */
export interface WriteOptions {
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
}

export interface PatchRequestOptions extends WriteOptions {
  readonly force?: boolean;
}

export interface DeleteRequestOptions {
  readonly dryRun?: readonly string[];
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
}

const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const PROPAGATION_POLICIES = ['Foreground', 'Background', 'Orphan'];

/** For create and update. */
export function validateWriteOptions(options: WriteOptions): FieldError[] {
  const { dryRun, fieldManager = '', fieldValidation = '' } = options;
  const errors = [...validateFieldManager(fieldManager, fieldPath('fieldManager')), ...validateDryRun(dryRun)];
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported(fieldPath('fieldValidation'), fieldValidation, FIELD_VALIDATIONS));
  }
  return errors;
}

/** Only an apply may be forced, and only an apply must say who it is. */
export function validatePatchOptions(options: PatchRequestOptions, isApply: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!isApply && options.force !== undefined) {
    errors.push(forbiddenField(fieldPath('force'), 'may not be specified for non-apply patch'));
  }
  if (isApply && !options.fieldManager) {
    errors.push(required(fieldPath('fieldManager'), 'is required for apply patch'));
  }
  return [...errors, ...validateWriteOptions(options)];
}

export function validateDeleteOptions(options: DeleteRequestOptions): FieldError[] {
  const { dryRun, orphanDependents, propagationPolicy } = options;
  const path = fieldPath('propagationPolicy');
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.push(invalidValue(path, propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (propagationPolicy !== undefined && !PROPAGATION_POLICIES.includes(propagationPolicy)) {
    errors.push(notSupported(path, propagationPolicy, [...PROPAGATION_POLICIES, 'nil']));
  }
  return [...errors, ...validateDryRun(dryRun)];
}

function validateDryRun(dryRun: readonly string[] = []): FieldError[] {
  return dryRun.every((each) => each === 'All') ? [] : [notSupported(fieldPath('dryRun'), dryRun, ['All'])];
}
