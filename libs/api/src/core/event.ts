import {
  type FieldError,
  fieldPath,
  invalidValue,
  isDNS1123Subdomain,
  isQualifiedName,
  nameIsPathSegment,
  required,
} from '@pilothouse/apimachinery';
import type { Event } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageCell, column, UNKNOWN } from '../printing/index.ts';
import { pushInvalid } from './validation/push-invalid.ts';

const MAX_SHORT = 128;
const MAX_MESSAGE = 1024;

/** core/v1 Events; events.k8s.io/v1 shows the same objects under other names. */
export const event: KindBehaviour<Event> = {
  group: '',
  kind: 'Event',
  ttlSeconds: 3600,
  columns: [
    column<Event>('Last Seen', lastSeenCell),
    column<Event>('Type', ({ type }) => type ?? ''),
    column<Event>('Reason', ({ reason }) => reason ?? ''),
    column<Event>('Object', ({ involvedObject: { kind = '', name } }) => {
      return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
    }),
    column<Event>('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? '', { wide: true }),
    column<Event>('Source', sourceCell, { wide: true }),
    column<Event>('Message', ({ message = '' }) => message.trim()),
    column<Event>('First Seen', firstSeenCell, { wide: true }),
    column<Event>('Count', ({ series, count }) => (series ? (series.count ?? 0) : count || 1), { wide: true }),
    column<Event>('Name', ({ metadata }) => metadata.name ?? '', { wide: true, format: 'name' }),
  ],
  strategy: {
    validate: validateEvent,
    validateUpdate: validateEvent,
    updateChecks: ['update'],
    // Events of old clients are named after what they are about, whatever that is.
    validateName: nameIsPathSegment,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    selectableFields: {
      'metadata.name': ({ metadata }: Event) => metadata.name ?? '',
      'metadata.namespace': ({ metadata }: Event) => metadata.namespace ?? '',
      'involvedObject.kind': ({ involvedObject }: Event) => involvedObject.kind ?? '',
      'involvedObject.namespace': ({ involvedObject }: Event) => involvedObject.namespace ?? '',
      'involvedObject.name': ({ involvedObject }: Event) => involvedObject.name ?? '',
      'involvedObject.uid': ({ involvedObject }: Event) => involvedObject.uid ?? '',
      'involvedObject.apiVersion': ({ involvedObject }: Event) => involvedObject.apiVersion ?? '',
      'involvedObject.resourceVersion': ({ involvedObject }: Event) => involvedObject.resourceVersion ?? '',
      'involvedObject.fieldPath': ({ involvedObject }: Event) => involvedObject.fieldPath ?? '',
      reason: ({ reason }: Event) => reason ?? '',
      reportingComponent: ({ reportingComponent }: Event) => reportingComponent ?? '',
      source: ({ source, reportingComponent }: Event) => source?.component || reportingComponent || '',
      type: ({ type }: Event) => type ?? '',
    },
    exactFieldLabels: true,
  },
};

/**
 * An event must be about something in its own namespace. Newer clients set `eventTime`, and then say who reports what;
 * events without it come from older ones and are taken as they are.
 */
export function validateEvent(each: Event): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = each.metadata.namespace ?? '';
  const about = each.involvedObject?.namespace ?? '';
  const elsewhere = each.eventTime
    ? about === '' && namespace !== 'default' && namespace !== 'kube-system'
    : about === ''
      ? namespace !== '' && namespace !== 'default'
      : namespace !== about;
  if (elsewhere) {
    errors.push(invalidValue(fieldPath('involvedObject', 'namespace'), about, 'does not match event.namespace'));
  }
  if (each.eventTime) validateReport(each, errors);
  pushInvalid(errors, fieldPath('namespace'), namespace, isDNS1123Subdomain(namespace));
  return errors;
}

function validateReport(each: Event, errors: FieldError[]): void {
  const text = (name: string, value: string, max: number): void => {
    const path = fieldPath(name);
    if (value === '' && name !== 'message') errors.push(required(path));
    if (Buffer.byteLength(value) > max) errors.push(invalidValue(path, '', `can have at most ${max} characters`));
  };
  const controller = each.reportingComponent ?? '';
  if (!controller) errors.push(required(fieldPath('reportingController')));
  pushInvalid(errors, fieldPath('reportingController'), controller, isQualifiedName(controller));
  text('reportingInstance', each.reportingInstance ?? '', MAX_SHORT);
  text('action', each.action ?? '', MAX_SHORT);
  text('reason', each.reason ?? '', MAX_SHORT);
  text('message', each.message ?? '', MAX_MESSAGE);
}

function firstSeenCell({ firstTimestamp, eventTime }: Event, now: Date): string {
  const first = firstTimestamp || eventTime;
  return first ? ageCell(first, now) : UNKNOWN;
}

function lastSeenCell(each: Event, now: Date): string {
  if (each.series) return ageCell(each.series.lastObservedTime, now);
  return each.lastTimestamp ? ageCell(each.lastTimestamp, now) : firstSeenCell(each, now);
}

function sourceCell({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance || '';
  return host ? `${component}, ${host}` : component;
}
