import type { Event } from '@pilothouse/api';

/** The separator cannot occur in any part. */
const join = (parts: readonly (string | undefined)[]): string => parts.map((part) => part ?? '').join('\u0000');

function sourceAndObject({ source, involvedObject }: Event): (string | undefined)[] {
  const { kind, namespace, name, uid, apiVersion } = involvedObject;
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion];
}

/** Events that only differ in when they happened: they become one event with a count. */
export function sameEventKey(event: Event): string {
  return join([...sourceAndObject(event), event.involvedObject.fieldPath, event.type, event.reason, event.message]);
}

/** Events alike but for their message: many of them become one "combined" event. */
export function similarEventsKey(event: Event): string {
  return join([...sourceAndObject(event), event.type, event.reason, event.reportingComponent, event.reportingInstance]);
}

/** What the spam filter counts together: everything a source says of an object. */
export function spamKey(event: Event): string {
  return join(sourceAndObject(event));
}
