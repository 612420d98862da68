import { type FieldError, fieldPath, type FieldPath, FIELD_IMMUTABLE, invalidValue } from '@pilothouse/apimachinery';
import type { ResourceQuota, ResourceQuotaStatus } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';
import { keepStored } from './keep-stored.ts';
import { type ResourceList, roundUpResourceList } from './resource-list.ts';
import { validateQuotaScopes } from './quota-scopes.ts';
import { validateQuotaResourceName } from './resources/validate-resource-name.ts';
import { validateResourceQuantity } from './resources/validate-quantity.ts';

const SPEC = fieldPath('spec');
const STATUS = fieldPath('status');

export const resourceQuota: KindBehaviour<ResourceQuota> = {
  group: '',
  kind: 'ResourceQuota',
  defaults: ({ spec, status }) => {
    roundUpResourceList(spec?.hard);
    roundUpResourceList(status?.hard);
    roundUpResourceList(status?.used);
  },
  columns: [
    nameColumn,
    column<ResourceQuota>('Request', ({ status }) => usageCell(status, (name) => !isLimit(name))),
    column<ResourceQuota>('Limit', ({ status }) => usageCell(status, isLimit)),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: (each: ResourceQuota) => {
      each.status = {};
    },
    prepareForUpdate: (next: ResourceQuota, old: ResourceQuota) => keepStored(next, old, 'status'),
    validate: validateQuota,
    validateUpdate: (next: ResourceQuota, old: ResourceQuota) => {
      const errors = validateQuota(next);
      const [scopes, was] = [next.spec?.scopes ?? [], old.spec?.scopes ?? []];
      if (new Set(scopes).symmetricDifference(new Set(was)).size > 0) {
        errors.push(invalidValue(SPEC.child('scopes'), next.spec?.scopes ?? null, FIELD_IMMUTABLE));
      }
      return errors;
    },
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: ResourceQuota, old: ResourceQuota) => keepStored(next, old, 'spec'),
        validateUpdate: ({ status }: ResourceQuota) => {
          const errors: FieldError[] = [];
          validateAmounts(status?.hard, STATUS.child('hard'), errors);
          validateAmounts(status?.used, STATUS.child('used'), errors);
          return errors;
        },
      },
    },
  },
};

function validateQuota({ spec = {} }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(spec.hard, SPEC.child('hard'), errors);
  validateQuotaScopes(spec, SPEC, errors);
  return errors;
}

function validateAmounts(amounts: ResourceList | undefined, path: FieldPath, errors: FieldError[]): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    validateQuotaResourceName(name, path.key(name), errors);
    validateResourceQuantity(name, amount, path.key(name), errors);
  }
}

const isLimit = (name: string): boolean => name.split('.', 1)[0] === 'limits';

/** `cpu: 1/4, pods: 3/10` */
function usageCell(status: ResourceQuotaStatus | undefined, wanted: (name: string) => boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([name]) => wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`)
    .join(', ');
}
