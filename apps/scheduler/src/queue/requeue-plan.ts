import { matchesEvent, type EventRegistration } from '../framework/cluster-event.ts';
import type { RecordedEvent } from './in-flight-events.ts';
import type { QueuedPodInfo } from './queued-pod-info.ts';

/**
 * - `skip`: the event helps none of the plugins that rejected the pod.
 * - `afterBackoff`: it may help; the pod is tried when its backoff is over.
 * - `immediately`: it is the outside event a plugin said the pod is Pending for.
 */
export type RequeueStrategy = 'skip' | 'afterBackoff' | 'immediately';

/** The events of each plugin of a profile, by the plugin's name. */
export type EventsByPlugin = ReadonlyMap<string, readonly EventRegistration[]>;

/** A plugin that registers no events may be helped by any. */
const ANYTHING: readonly EventRegistration[] = [{ resource: '*', actions: ~0 }];

/** Whether an event is worth another attempt for a pod, asked of the plugins that rejected it. */
export function planRequeue(
  pod: QueuedPodInfo,
  { event, before, after }: RecordedEvent,
  events: EventsByPlugin,
): RequeueStrategy {
  // Nobody rejected it: the attempt failed with an error, which only time can mend.
  if (pod.unschedulablePlugins.size === 0 && pod.pendingPlugins.size === 0) return 'afterBackoff';
  if (event.resource === '*') return 'afterBackoff';

  const helps = (plugin: string) =>
    (events.get(plugin) ?? ANYTHING).some(
      (registration) =>
        matchesEvent(registration, event) &&
        (registration.hint === undefined || registration.hint(pod.info.pod, before, after) === 'Queue'),
    );
  for (const plugin of pod.pendingPlugins) if (helps(plugin)) return 'immediately';
  for (const plugin of pod.unschedulablePlugins) {
    if (!pod.pendingPlugins.has(plugin) && helps(plugin)) return 'afterBackoff';
  }
  return 'skip';
}
