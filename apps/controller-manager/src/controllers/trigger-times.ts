import type { Pod, Service } from '@pilothouse/api';
import { podReadyCondition } from '@pilothouse/controller';

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time */
export const LAST_CHANGE_TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface ServiceState {
  readonly service: string;
  /** Pod name → when it last became ready or unready. */
  readonly pods: ReadonlyMap<string, string>;
}

/**
 * Since when the endpoints of a service have been out of date: the earliest of the changes that were not seen when they
 * were last computed. Whoever programs the endpoints measures from this annotation how long the change took. Mirrors
 * TriggerTimeTracker of pkg/controller/util/endpoint.
 */
export class TriggerTimes {
  private readonly services = new Map<string, ServiceState>();

  /** The time for the annotation; undefined when nothing that is tracked has changed. */
  note(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const known = this.services.get(key);
    const created = service.metadata.creationTimestamp ?? '';
    const times = new Map<string, string>();
    let earliest: string | undefined;
    const isEarlier = (time: string): boolean => earliest === undefined || time < earliest;
    for (const pod of pods) {
      const time = podReadyCondition(pod)?.lastTransitionTime;
      if (!time) continue;
      const name = pod.metadata.name ?? '';
      times.set(name, time);
      if (time > (known?.pods.get(name) ?? '') && isEarlier(time)) earliest = time;
    }
    if (created > (known?.service ?? '') && isEarlier(created)) earliest = created;
    this.services.set(key, { service: created, pods: times });
    return known ? earliest : created || undefined;
  }

  forget(key: string): void {
    this.services.delete(key);
  }
}

/** The annotations with the time in them, or without one when it is not known. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [LAST_CHANGE_TRIGGER_TIME]: _, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [LAST_CHANGE_TRIGGER_TIME]: time };
}
