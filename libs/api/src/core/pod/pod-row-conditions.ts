import type { TableRowCondition } from '@pilothouse/apimachinery';
import type { Pod } from '@pilothouse/api';

const completed = (reason: string, message: string): readonly TableRowCondition[] => [
  { type: 'Completed', status: 'True', reason, message },
];

const BY_PHASE: Readonly<Record<string, readonly TableRowCondition[] | undefined>> = {
  Succeeded: completed('Succeeded', 'The pod has completed successfully.'),
  Failed: completed('Failed', 'The pod failed.'),
};

/** By these a client can leave out of a table what has ended. Upstream: pkg/printers/internalversion. */
export function podRowConditions({ status }: Pod): readonly TableRowCondition[] | undefined {
  return BY_PHASE[status?.phase ?? ''];
}
