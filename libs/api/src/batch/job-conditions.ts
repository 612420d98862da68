import type { JobStatus } from '@pilothouse/api';

export type JobConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

export function isTrue({ conditions = [] }: JobStatus, type: JobConditionType): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

export const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');
