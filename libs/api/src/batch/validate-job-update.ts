import { deepEqual, type FieldError, fieldPath, invalidValue, validateImmutableField } from '@pilothouse/apimachinery';
import type { Job, PodSpec, PodTemplateSpec } from '@pilothouse/api';
import { internalForm } from '../meta/internal-form.ts';

const SPEC = fieldPath('spec');

/** What of a Job can change once it is there: how many pods it runs, and while it does not run, where. */
export function validateJobUpdate(next: Job, old: Job): FieldError[] {
  const same = (name: 'completionMode' | 'backoffLimitPerIndex' | 'managedBy'): FieldError[] =>
    validateImmutableField(next.spec[name], old.spec[name], SPEC.child(name));
  return [
    ...validateCompletions(next, old),
    ...validateImmutableField(next.spec.selector, old.spec.selector, SPEC.child('selector')),
    ...immutableInside('core.v1.PodTemplateSpec', next.spec.template, openTemplate(next, old), 'template'),
    ...same('completionMode'),
    ...immutableInside(
      'batch.v1.PodFailurePolicy',
      next.spec.podFailurePolicy,
      old.spec.podFailurePolicy,
      'podFailurePolicy',
    ),
    ...same('backoffLimitPerIndex'),
    ...same('managedBy'),
    ...immutableInside('batch.v1.SuccessPolicy', next.spec.successPolicy, old.spec.successPolicy, 'successPolicy'),
  ];
}

function immutableInside(
  message: string,
  value: object | undefined,
  old: object | undefined,
  name: string,
): FieldError[] {
  return deepEqual(value, old)
    ? []
    : [invalidValue(SPEC.child(name), internalForm(message, value), 'field is immutable')];
}

/** Indexed Jobs can be scaled as long as every index has its pod. */
function validateCompletions({ spec }: Job, old: Job): FieldError[] {
  const path = SPEC.child('completions');
  if (spec.completionMode !== 'Indexed') return validateImmutableField(spec.completions, old.spec.completions, path);
  if (spec.completions === old.spec.completions || spec.completions === undefined) return [];
  if (spec.completions === spec.parallelism) return [];
  return [invalidValue(path, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/**
 * The stored template with everything taken over from the new one that may change: while a Job is suspended and has no
 * pods, where they may run and what they need (KEP-2926, KEP-5440).
 */
function openTemplate(next: Job, { spec, status = {} }: Job): PodTemplateSpec {
  const isMarked = status.conditions?.some((each) => each.type === 'Suspended' && each.status === 'True') ?? false;
  const isOpen = spec.suspend === true && !status.active && (status.startTime === undefined || isMarked);
  const wanted = next.spec.template;
  if (!isOpen || !wanted.spec || !spec.template.spec) return spec.template;
  const stored = { ...spec.template.spec };
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) take(stored, wanted.spec, field);
  openAffinity(stored, wanted.spec);
  for (const list of ['initContainers', 'containers'] as const) {
    const after = wanted.spec[list];
    if (stored[list]?.length !== after?.length) continue;
    stored[list] = stored[list]?.map((container, index) =>
      take({ ...container }, after![index]!, 'resources'),
    ) as never;
  }
  const metadata = { ...spec.template.metadata };
  for (const field of ['annotations', 'labels'] as const) take(metadata, wanted.metadata ?? {}, field);
  return { ...spec.template, metadata, spec: withoutUndefined(stored) };
}

/** Only the affinity to nodes is open; to be taken away altogether it must have stood alone. */
function openAffinity(stored: PodSpec, wanted: PodSpec): void {
  const { nodeAffinity: _, ...others } = stored.affinity ?? {};
  if (wanted.affinity) {
    const { nodeAffinity } = wanted.affinity;
    stored.affinity = nodeAffinity ? { ...others, nodeAffinity } : others;
  } else if (Object.values(others).every((each) => each === undefined)) delete stored.affinity;
  else stored.affinity = others;
}

function take<T extends object>(into: T, from: T, field: keyof T): T {
  if (from[field] === undefined) delete into[field];
  else into[field] = from[field];
  return into;
}

function withoutUndefined(spec: PodSpec): PodSpec {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as PodSpec;
}
