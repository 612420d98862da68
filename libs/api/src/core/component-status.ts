import type { ComponentCondition, ComponentStatus } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { column, nameColumn } from '../printing/index.ts';

const healthOf = ({ conditions }: ComponentStatus): ComponentCondition | undefined =>
  conditions?.find(({ type }) => type === 'Healthy');

/** How the parts of the control plane do. Read only, computed on request, and long deprecated. */
export const componentStatus: KindBehaviour<ComponentStatus> = {
  group: '',
  kind: 'ComponentStatus',
  watchable: false,
  columns: [
    nameColumn,
    column<ComponentStatus>('Status', (each) => {
      const health = healthOf(each);
      return health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy';
    }),
    column<ComponentStatus>('Message', (each) => healthOf(each)?.message ?? ''),
    column<ComponentStatus>('Error', (each) => healthOf(each)?.error ?? ''),
  ],
  versions: { v1: { deprecationWarning: 'v1 ComponentStatus is deprecated in v1.19+' } },
};
