import { isNotFound, objectKey, splitObjectKey } from '@pilothouse/apimachinery';
import { type Endpoints, endpoints, type EndpointSlice, endpointslices, type Service, services } from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { CONTROLLER, MANAGED_BY, planMirror, SERVICE_NAME, shouldMirror, skippedMessage } from './plan.ts';

/** Mirrors Endpoints that somebody wrote by hand into EndpointSlices. Mirrors pkg/controller/endpointslicemirroring. */
export class EndpointSliceMirroringController implements Controller {
  readonly name = 'endpointslice-mirroring-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly endpoints: SharedInformer<Endpoints>;
  private readonly slices: SharedInformer<EndpointSlice>;
  private readonly services: SharedInformer<Service>;

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('endpoint-slice-mirroring-controller');
    this.endpoints = context.informers.for(endpoints);
    this.slices = context.informers.for(endpointslices);
    this.services = context.informers.for(services);
    const enqueue = (object: Endpoints | Service): void => this.queue.add(objectKey(object));
    this.endpoints.addHandler({ onAdd: enqueue, onUpdate: (_, each) => enqueue(each), onDelete: enqueue });
    this.services.addHandler({ onAdd: enqueue, onUpdate: (_, each) => enqueue(each), onDelete: enqueue });
    const enqueueOwner = (slice: EndpointSlice): void => {
      if (isOurs(slice)) this.queue.add(`${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME]}`);
    };
    this.slices.addHandler({ onUpdate: (_, slice) => enqueueOwner(slice), onDelete: enqueueOwner });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { namespace, name } = splitObjectKey(key);
    const source = this.endpoints.lister.get(key);
    const client = this.context.client.resource(endpointslices);
    const mirrored = source !== undefined && shouldMirror(source, this.services.lister.get(key));
    const known = this.slices.lister
      .list(namespace)
      .filter((slice) => isOurs(slice) && slice.metadata.labels?.[SERVICE_NAME] === name);
    if (!mirrored && known.length === 0) return;
    // A slice of ours may not have come back yet; creating a second one would not be noticed.
    const labelSelector = `${MANAGED_BY}=${CONTROLLER},${SERVICE_NAME}=${name}`;
    const { items } = await client.list({ namespace, labelSelector });
    const skipped = mirrored ? skippedMessage(source) : undefined;
    if (skipped) this.recorder.event(source!, 'Warning', 'TooManyAddressesToMirror', skipped);
    const plan = mirrored ? planMirror(source, items) : { create: [], update: [], delete: items };
    for (const slice of plan.create) await client.create(slice, { namespace });
    for (const slice of plan.update) await client.update(slice, { namespace });
    for (const slice of plan.delete) {
      try {
        await client.delete(slice.metadata.name ?? '', { namespace });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}

const isOurs = ({ metadata }: EndpointSlice): boolean => metadata.labels?.[MANAGED_BY] === CONTROLLER;
