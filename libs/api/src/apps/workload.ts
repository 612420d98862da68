import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  type KubeObject,
  notSupported,
  required,
  type Selector,
  SelectorError,
  selectorFromLabelSelector,
  validateImmutableField,
  validateLabelSelector,
  type PrinterColumn,
} from '@pilothouse/apimachinery';
import type { LabelSelector, PodTemplateSpec } from '@pilothouse/api';
import { dropDisabledPodFields, validatePodTemplateSpec, warningsForPodTemplate } from '../core/pod-spec/index.ts';
import { column, containerImagesCell, containerNamesCell, selectorCell } from '../printing/index.ts';

/** What Deployments, ReplicaSets, StatefulSets and DaemonSets have in common. */
export const SPEC = fieldPath('spec');
export const TEMPLATE = SPEC.child('template');
export const SELECTOR = SPEC.child('selector');

interface Workload extends KubeObject {
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

/** Features that are off leave no trace in a template, unless the stored one has them already. */
export function dropDisabledTemplateFields(next: Workload, old?: Workload): void {
  if (next.spec?.template?.spec) dropDisabledPodFields(next.spec.template.spec, old?.spec?.template?.spec);
}

/** A selector that is there, is well formed and selects something. */
export function validateSelector(selector: LabelSelector | null | undefined, kind: string): FieldError[] {
  if (!selector) return [required(SELECTOR)];
  return [...validateLabelSelector(selector, SELECTOR), ...validateSelectsSomething(selector, kind)];
}

export function validateSelectsSomething(selector: LabelSelector, kind: string): FieldError[] {
  if (Object.keys(selector.matchLabels ?? {}).length > 0 || selector.matchExpressions?.length) return [];
  return [invalidValue(SELECTOR, selector, `empty selector is invalid for ${kind}`)];
}

/** The template of a Deployment or ReplicaSet. That of an invalid selector cannot be judged. */
export function validateReplicaTemplate(
  template: PodTemplateSpec,
  selector: LabelSelector | null | undefined,
): FieldError[] {
  const parsed = parseSelector(selector);
  if (!parsed) return [invalidValue(SELECTOR, selector, 'invalid label selector')];
  return [
    ...validateIsSelected(template, parsed),
    ...validatePodTemplateSpec(template, TEMPLATE),
    // Deployments, too, are told about ReplicaSets.
    ...validateRunsForever(template, 'ReplicaSet'),
  ];
}

/** The template's pods must be selected. */
export function validateIsSelected({ metadata }: PodTemplateSpec, selector: Selector): FieldError[] {
  if (selector.isEverything || selector.matches(metadata?.labels)) return [];
  const path = TEMPLATE.child('metadata', 'labels');
  return [invalidValue(path, metadata?.labels, '`selector` does not match template `labels`')];
}

export function validateRunsForever({ spec }: PodTemplateSpec, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const path = TEMPLATE.child('spec');
  if (spec?.restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('restartPolicy'), spec?.restartPolicy ?? '', ['Always']));
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    const problem = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbiddenField(path.child('activeDeadlineSeconds'), problem));
  }
  return errors;
}

/** Undefined for an invalid one. An absent one selects nothing. */
export function parseSelector(selector: LabelSelector | null | undefined): Selector | undefined {
  try {
    return selectorFromLabelSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** apps/v1 selectors cannot change: existing pods would be orphaned without anyone having said so. */
export function validateSameSelector(next: Workload, old: Workload): FieldError[] {
  return validateImmutableField(next.spec?.selector, old.spec?.selector, SELECTOR);
}

/** How often names of what the controller made collided. It must keep rising, or it would try the same names again. */
export function validateCollisionCount(next: number | undefined, old: number | undefined): FieldError[] {
  if (old === undefined || (next !== undefined && next >= old)) return [];
  return [invalidValue(fieldPath('status', 'collisionCount'), next ?? 0, 'cannot be decremented')];
}

export function nonNegative(value: number | undefined, path: FieldPath): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, 'must be greater than or equal to 0')] : [];
}

export const sameTemplate = (a: Workload, b: Workload): boolean => deepEqual(a.spec?.template, b.spec?.template);

/** Said on create and whenever the spec changes, but not to somebody who only adds a label. */
export function templateWarnings(next: Workload, old: Workload | undefined): string[] {
  if (old && next.metadata?.generation === old.metadata?.generation) return [];
  return warningsForPodTemplate(next.spec?.template, TEMPLATE);
}

/** Said on create by what hands its own name down to pods. */
export function podNameWarnings(next: KubeObject, old: KubeObject | undefined): string[] {
  const problems = old ? [] : isDNS1123Label(next.metadata?.name ?? '');
  if (problems.length === 0) return [];
  const advice =
    'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: ${advice}: [${problems.join(' ')}]`];
}
