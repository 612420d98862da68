import {
  deepEqual,
  FIELD_IMMUTABLE,
  type FieldError,
  fieldPath,
  invalidValue,
  required,
} from '@pilothouse/apimachinery';
import type { coreV1 } from '@pilothouse/api';
import { event as coreEvent, validateEvent } from '../core/event.ts';
import { internalForm, type InternalFields } from '../core/validation/internal-form.ts';
import type { KindBehaviour } from '../kind.ts';
import { fromCore, toCore } from './convert-event.ts';

type Stored = coreV1.Event;

const TYPES = ['Normal', 'Warning'];

/**
 * The other view on core/v1 Events, with stricter rules: what is written here must be whole, and stays as it is but
 * for its series. Stored where the core ones are, so the hooks see core/v1.
 */
export const event: KindBehaviour<Stored> = {
  group: 'events.k8s.io',
  kind: 'Event',
  storagePrefix: 'events',
  ttlSeconds: coreEvent.ttlSeconds!,
  columns: coreEvent.columns!,
  strategy: {
    validate: (each: Stored) => [...validateEvent(each), ...validateNewEvent(each)],
    validateUpdate: (next: Stored, old: Stored) => [...validateEvent(next), ...validateChange(next, old)],
    updateChecks: ['update', 'metadataUpdate'],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    selectableFields: selectableFields(),
    exactFieldLabels: true,
  },
  versions: { v1: { toStorage: toCore, fromStorage: fromCore } },
};

/** The same values as in core/v1, under the names of this version. */
function selectableFields(): Record<string, (each: Stored) => string> {
  const renamed = ([label, field]: [string, (each: Stored) => string]): [string, (each: Stored) => string] => [
    label.replace(/^involvedObject\./, 'regarding.').replace(/^reportingComponent$/, 'reportingController'),
    field,
  ];
  return Object.fromEntries(Object.entries(coreEvent.strategy!.selectableFields!).map(renamed));
}

function validateNewEvent(each: Stored): FieldError[] {
  const errors = validateSeries(each);
  const { eventTime, type = '', firstTimestamp, lastTimestamp, count, source } = each;
  const unset = (name: string): void => void errors.push(invalidValue(fieldPath(name), '', 'needs to be unset'));
  if (!eventTime) errors.push(required(fieldPath('eventTime')));
  if (!TYPES.includes(type)) errors.push(invalidValue(fieldPath('type'), '', `has invalid value: ${type}`));
  if (firstTimestamp) unset('firstTimestamp');
  if (lastTimestamp) unset('lastTimestamp');
  if (count) unset('count');
  if (source?.component || source?.host) unset('source');
  return errors;
}

function validateSeries({ series }: Stored): FieldError[] {
  const errors: FieldError[] = [];
  if (!series) return errors;
  if ((series.count ?? 0) < 2) errors.push(invalidValue(fieldPath('series.count'), '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required(fieldPath('series.lastObservedTime')));
  return errors;
}

const REFERENCE_FIELDS: InternalFields = {
  Kind: ['kind', ''],
  Namespace: ['namespace', ''],
  Name: ['name', ''],
  UID: ['uid', ''],
  APIVersion: ['apiVersion', ''],
  ResourceVersion: ['resourceVersion', ''],
  FieldPath: ['fieldPath', ''],
};
const SOURCE_FIELDS: InternalFields = { Component: ['component', ''], Host: ['host', ''] };

/** In upstream's order, `reason` twice included; each with what stands for it when it is unset. */
const IMMUTABLE: readonly (readonly [field: keyof Stored, unset: '' | 0 | null | object, shown?: InternalFields])[] = [
  ['involvedObject', {}, REFERENCE_FIELDS],
  ['reason', ''],
  ['message', ''],
  ['source', {}, SOURCE_FIELDS],
  ['firstTimestamp', null],
  ['lastTimestamp', null],
  ['count', 0],
  ['reason', ''],
  ['type', ''],
  ['eventTime', null],
  ['action', ''],
  ['related', null, REFERENCE_FIELDS],
  ['reportingComponent', ''],
  ['reportingInstance', ''],
];

function validateChange(next: Stored, old: Stored): FieldError[] {
  const errors = deepEqual(next.series, old.series) ? [] : validateSeries(next);
  for (const [field, unset, fields] of IMMUTABLE) {
    const value = next[field] ?? unset;
    if (deepEqual(value, old[field] ?? unset)) continue;
    const path = fieldPath(field === 'reportingComponent' ? 'reportingController' : field);
    const shown = fields && value !== null ? internalForm(value as object, fields) : value;
    errors.push(invalidValue(path, shown, FIELD_IMMUTABLE));
  }
  return errors;
}
