import type { KindBehaviour } from '../kind.ts';
import { cronJob } from './cron-job.ts';
import { job } from './job.ts';

/** The kinds of group `batch`. */
export const batchKinds: readonly KindBehaviour<any>[] = [job, cronJob];
