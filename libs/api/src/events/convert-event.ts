import type { eventsV1, coreV1 } from '@pilothouse/api';

/**
 * events.k8s.io/v1 is a view on core/v1 Events: the same objects under newer names. What older clients set is shown as
 * `deprecated…`.
 */
export function fromCore(each: coreV1.Event): eventsV1.Event {
  const { reportingComponent, involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...same } = each;
  return {
    ...same,
    apiVersion: 'events.k8s.io/v1',
    ...(reportingComponent === undefined ? {} : { reportingController: reportingComponent }),
    ...(involvedObject === undefined ? {} : { regarding: involvedObject }),
    ...(message === undefined ? {} : { note: message }),
    ...(source === undefined ? {} : { deprecatedSource: source }),
    ...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
    ...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
    ...(count === undefined ? {} : { deprecatedCount: count }),
  } as eventsV1.Event;
}

export function toCore(each: eventsV1.Event): coreV1.Event {
  const {
    reportingController,
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...same
  } = each;
  return {
    ...same,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    ...(reportingController === undefined ? {} : { reportingComponent: reportingController }),
    ...(note === undefined ? {} : { message: note }),
    ...(deprecatedSource === undefined ? {} : { source: deprecatedSource }),
    ...(deprecatedFirstTimestamp === undefined ? {} : { firstTimestamp: deprecatedFirstTimestamp }),
    ...(deprecatedLastTimestamp === undefined ? {} : { lastTimestamp: deprecatedLastTimestamp }),
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
  } as coreV1.Event;
}
