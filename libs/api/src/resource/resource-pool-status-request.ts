import { type FieldError, fieldPath, invalidValue, validateImmutableField } from '@pilothouse/apimachinery';
import type { ResourcePoolStatusRequest } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { validateDriverName, validatePoolName } from './names.ts';

const SPEC = fieldPath('spec');
const MAX_LIMIT = 1000;

/** A question about the pools of a driver, answered once in the status (KEP-5677), alpha in 1.36. */
export const resourcePoolStatusRequest: KindBehaviour<ResourcePoolStatusRequest> = {
  group: 'resource.k8s.io',
  kind: 'ResourcePoolStatusRequest',
  columns: [
    nameColumn,
    column<ResourcePoolStatusRequest>('Driver', ({ spec }) => spec.driver),
    column<ResourcePoolStatusRequest>('Pools', ({ status }) => status?.poolCount ?? 0, { type: 'integer' }),
    column<ResourcePoolStatusRequest>('Status', ({ status }) => {
      const isComplete = status?.conditions?.some((each) => each.type === 'Complete' && each.status === 'True');
      return isComplete ? 'Complete' : 'Pending';
    }),
    ageColumn,
  ],
  strategy: {
    validate: validateQuestion,
    validateUpdate: (next: ResourcePoolStatusRequest, old: ResourcePoolStatusRequest) =>
      validateImmutableField(next.spec, old.spec, SPEC),
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        validateUpdate: ({ status }: ResourcePoolStatusRequest) => {
          const errors: FieldError[] = [];
          validateConditions(status?.conditions, fieldPath('status', 'conditions'), errors);
          return errors;
        },
      },
    },
  },
};

function validateQuestion({ spec: { driver, poolName, limit } }: ResourcePoolStatusRequest): FieldError[] {
  const errors: FieldError[] = [];
  validateDriverName(driver, SPEC.child('driver'), errors);
  if (poolName !== undefined) validatePoolName(poolName, SPEC.child('poolName'), errors);
  if (limit !== undefined && limit < 1)
    errors.push(invalidValue(SPEC.child('limit'), limit, 'must be greater than or equal to 1'));
  if (limit !== undefined && limit > MAX_LIMIT)
    errors.push(invalidValue(SPEC.child('limit'), limit, `must be less than or equal to ${MAX_LIMIT}`));
  return errors;
}
