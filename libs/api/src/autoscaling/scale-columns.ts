import type { Scale } from '@pilothouse/api';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

/** What `kubectl get --subresource=scale` prints. Upstream: pkg/printers/internalversion. */
export const scaleColumns = [
  nameColumn,
  column<Scale>('Desired', ({ spec }) => spec?.replicas ?? 0, {
    type: 'integer',
    description: 'replicas is the desired number of instances for the scaled object.',
  }),
  column<Scale>('Available', ({ status }) => status?.replicas ?? 0, {
    type: 'integer',
    description: 'replicas is the actual number of observed instances of the scaled object.',
  }),
  ageColumn,
];
