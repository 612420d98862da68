import { type FieldError, fieldPath, forbiddenField, invalidValue } from '@pilothouse/apimachinery';
import type { Lease } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { validateLeaseStrategy } from './lease-strategy.ts';

const SPEC = fieldPath('spec');

export const lease: KindBehaviour<Lease> = {
  group: 'coordination.k8s.io',
  kind: 'Lease',
  storagePrefix: 'leases',
  columns: [nameColumn, column<Lease>('Holder', ({ spec }) => spec?.holderIdentity ?? ''), ageColumn],
  strategy: {
    validate: validateLease,
    validateUpdate: validateLease,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};

function validateLease({ spec = {} }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalidValue(SPEC.child('leaseDurationSeconds'), leaseDurationSeconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(invalidValue(SPEC.child('leaseTransitions'), leaseTransitions, 'must be greater than or equal to 0'));
  }
  if (strategy !== undefined) validateLeaseStrategy(strategy, SPEC.child('strategy'), errors);
  if (preferredHolder && !strategy) {
    errors.push(forbiddenField(SPEC.child('preferredHolder'), 'may only be specified if `strategy` is defined'));
  }
  return errors;
}
