import type { JobStatus } from '@pilothouse/api';
import type { JobConditionType } from './job-conditions.ts';

/** Whether an update touches one of these, be it a field of the status or what a condition says. */
export type HasChanged = (...what: (keyof JobStatus | JobConditionType | 'Finished')[]) => boolean;
