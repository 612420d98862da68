import type { FieldPath } from '@pilothouse/apimachinery';
import type { JobSpec } from '@pilothouse/api';
import { warningsForPodTemplate } from '../core/pod-spec/index.ts';

const MANY_COMPLETIONS = 100_000;
const MANY_AT_ONCE = 10_000;

/** What is said about the spec of a Job, or of those that a CronJob makes. */
export function jobSpecWarnings(spec: JobSpec, path: FieldPath): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const isHuge = completionMode === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE;
  return [
    ...(isHuge
      ? [
          'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
        ]
      : []),
    ...warningsForPodTemplate(template, path.child('template')),
  ];
}
