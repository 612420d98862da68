import { deepEqual, isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type Endpoints, endpoints, type Pod, pods, type Service, services } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { endpointFieldsDiffer, hasSelector, sameLabels, selectedPods, servicesOf } from '../service-pods.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { OVER_CAPACITY, planEndpoints } from './plan.ts';

/** Keeps the older Endpoints object beside the EndpointSlices, for clients that still read it. */
export class EndpointsController implements Controller {
  readonly name = 'endpoints-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly services: SharedInformer<Service>;
  private readonly pods: SharedInformer<Pod>;
  private readonly endpoints: SharedInformer<Endpoints>;
  private readonly triggerTimes = new TriggerTimes();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('endpoint-controller');
    this.services = context.informers.for(services);
    this.pods = context.informers.for(pods);
    this.endpoints = context.informers.for(endpoints);
    const enqueue = (object: Service | Endpoints): void => this.queue.add(objectKey(object));
    const enqueueServices = (pod: Pod): void => {
      for (const key of servicesOf(pod, this.services)) this.queue.add(key);
    };
    this.services.addHandler({ onAdd: enqueue, onUpdate: (_, service) => enqueue(service), onDelete: enqueue });
    this.endpoints.addHandler({ onDelete: enqueue });
    this.pods.addHandler({
      onAdd: enqueueServices,
      onUpdate: (before, after) => {
        if (!endpointFieldsDiffer(before, after)) return;
        enqueueServices(after);
        if (!sameLabels(before, after)) enqueueServices(before);
      },
      onDelete: enqueueServices,
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { namespace, name } = splitObjectKey(key);
    const client = this.context.client.resource(endpoints);
    const service = this.services.lister.get(key);
    const existing = this.endpoints.lister.get(key);
    if (!service) {
      this.triggerTimes.forget(key);
      // Endpoints have no owner reference, so they are removed here.
      if (existing) await client.delete(name, { namespace }).catch(ignoreNotFound);
      return;
    }
    if (!hasSelector(service) || service.spec.type === 'ExternalName') return;
    const selected = selectedPods(service, this.pods);
    const wanted = planEndpoints(service, selected, existing, this.triggerTimes.note(key, service, selected));
    try {
      if (!existing) await client.create(wanted, { namespace });
      else if (differs(existing, wanted)) await client.update(wanted, { namespace });
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const [reason, what] = existing
        ? ['FailedToUpdateEndpoint', 'update endpoint']
        : ['FailedToCreateEndpoint', 'create endpoint for service'];
      this.recorder.event(wanted, 'Warning', reason, `Failed to ${what} ${key}: ${messageOf(error)}`);
      throw error;
    }
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** A trigger time alone is no reason to write. */
const differs = (existing: Endpoints, wanted: Endpoints): boolean =>
  !deepEqual(existing.subsets ?? [], wanted.subsets ?? []) ||
  !deepEqual(existing.metadata.labels ?? {}, wanted.metadata.labels ?? {}) ||
  existing.metadata.annotations?.[OVER_CAPACITY] !== wanted.metadata.annotations?.[OVER_CAPACITY];
