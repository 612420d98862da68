import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  selectorFromLabelSelector,
  validateImmutableField,
  validateLabelSelector,
  type PrinterColumn,
} from '@pilothouse/apimachinery';
import type { LabelSelector, PodTemplateSpec } from '@pilothouse/api';
import { validatePodTemplateSpec } from '../core/pod-spec/index.ts';
import { column, containerImagesCell, containerNamesCell, selectorCell } from '../printing/index.ts';

/** What Deployments, ReplicaSets, StatefulSets and DaemonSets have in common. */
export const SPEC = fieldPath('spec');
export const TEMPLATE = SPEC.child('template');
export const SELECTOR = SPEC.child('selector');

interface Workload {
  readonly spec?: { readonly selector?: LabelSelector | null; readonly template?: PodTemplateSpec };
}

const wide = { wide: true };

/** The columns that `-o wide` adds. */
export const workloadColumns: readonly PrinterColumn[] = [
  column<Workload>('Containers', ({ spec }) => containerNamesCell(spec?.template?.spec?.containers), wide),
  column<Workload>('Images', ({ spec }) => containerImagesCell(spec?.template?.spec?.containers), wide),
];

export const selectorColumn: PrinterColumn = column<Workload>(
  'Selector',
  ({ spec }) => selectorCell(spec?.selector ?? undefined),
  wide,
);

/** A selector that is there, is well formed and selects something. */
export function validateSelector(selector: LabelSelector | null | undefined, kind: string): FieldError[] {
  if (!selector) return [required(SELECTOR)];
  const errors = validateLabelSelector(selector, SELECTOR, { allowInvalidLabelValueInSelector: false });
  if (!Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length) {
    errors.push(invalidValue(SELECTOR, selector, `empty selector is invalid for ${kind}`));
  }
  return errors;
}

/** The template's pods must be selected, and must restart for ever. */
export function validateTemplate(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | null | undefined,
  kind: string,
): FieldError[] {
  if (!template) return [required(TEMPLATE)];
  const errors: FieldError[] = [];
  const labels = template.metadata?.labels ?? {};
  // A missing selector selects nothing, this template included.
  if (!selector || !selectsLabels(selector, labels)) {
    errors.push(
      invalidValue(TEMPLATE.child('metadata', 'labels'), labels, '`selector` does not match template `labels`'),
    );
  }
  errors.push(...validatePodTemplateSpec(template, TEMPLATE));
  const restartPolicy = template.spec?.restartPolicy;
  if (restartPolicy !== 'Always')
    errors.push(notSupported(TEMPLATE.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbiddenField(
        TEMPLATE.child('spec', 'activeDeadlineSeconds'),
        `activeDeadlineSeconds in ${kind} is not Supported`,
      ),
    );
  }
  return errors;
}

/** Whether the selector matches; an invalid one is reported elsewhere, so that it counts as matching here. */
export function selectsLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  try {
    return selectorFromLabelSelector(selector).matches(labels);
  } catch {
    return true;
  }
}

/** apps/v1 selectors cannot change: existing pods would be orphaned without anyone having said so. */
export function validateSameSelector(next: Workload, old: Workload): FieldError[] {
  return validateImmutableField(next.spec?.selector, old.spec?.selector, SELECTOR);
}

export function nonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}

export const sameTemplate = (a: Workload, b: Workload): boolean => deepEqual(a.spec?.template, b.spec?.template);
