import { type FieldError, fieldPath, type RequestContext, tooMany } from '@pilothouse/apimachinery';
import type { DeviceTaintRule } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { validateConditions } from '../meta/validate-conditions.ts';
import { ageCell, ageColumn, column, nameColumn } from '../printing/index.ts';
import { validateDeviceTaint } from './device-taints.ts';
import { validateDriverName, validateLabelLikeName, validatePoolName } from './names.ts';

const SPEC = fieldPath('spec');
const SELECTOR = SPEC.child('deviceSelector');
const CONDITIONS = fieldPath('status', 'conditions');
const MAX_CONDITIONS = 8;

/** A taint on all devices that are selected, set by an administrator rather than by their driver. */
export const deviceTaintRule: KindBehaviour<DeviceTaintRule> = {
  group: 'resource.k8s.io',
  kind: 'DeviceTaintRule',
  // v1beta2 came with this release: a server of the one before must still be able to read what is stored.
  storageVersion: 'v1alpha3',
  columns: [
    nameColumn,
    column<DeviceTaintRule>('Key', ({ spec }) => spec.taint.key),
    column<DeviceTaintRule>('Value', ({ spec }) => spec.taint.value ?? ''),
    column<DeviceTaintRule>('Effect', ({ spec }) => spec.taint.effect),
    column<DeviceTaintRule>('TimeAdded', ({ spec }, now) =>
      spec.taint.timeAdded ? ageCell(spec.taint.timeAdded, now) : '',
    ),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: (each: DeviceTaintRule, { now }: RequestContext) => stampTaint(each, now),
    prepareForUpdate: (next: DeviceTaintRule, _old: DeviceTaintRule, { now }: RequestContext) => stampTaint(next, now),
    validate: (each: DeviceTaintRule) => validateRule(each),
    validateUpdate: validateRule,
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        validateUpdate: ({ status }: DeviceTaintRule) => {
          const errors: FieldError[] = [];
          const count = status?.conditions?.length ?? 0;
          validateConditions(status?.conditions, CONDITIONS, errors);
          if (count > MAX_CONDITIONS) errors.push(tooMany(CONDITIONS, count, MAX_CONDITIONS));
          return errors;
        },
      },
    },
  },
};

function stampTaint({ spec }: DeviceTaintRule, now: Date): void {
  spec.taint.timeAdded ??= `${now.toISOString().slice(0, 19)}Z`;
}

function validateRule({ spec: { deviceSelector, taint } }: DeviceTaintRule, old?: DeviceTaintRule): FieldError[] {
  const errors: FieldError[] = [];
  const { driver, pool, device } = deviceSelector ?? {};
  if (driver !== undefined) validateDriverName(driver, SELECTOR.child('driver'), errors);
  if (pool !== undefined) validatePoolName(pool, SELECTOR.child('pool'), errors);
  if (device !== undefined) validateLabelLikeName(device, SELECTOR.child('device'), errors);
  validateDeviceTaint(taint, SPEC.child('taint'), errors, old?.spec.taint.effect);
  return errors;
}
