import { isNotFound, newControllerRef, objectKey } from '@pilothouse/apimachinery';
import {
  type EndpointSlice,
  endpointslices,
  type Node,
  nodes,
  type Pod,
  pods,
  type Service,
  services,
} from '@pilothouse/api';
import type { EventRecorder, SharedInformer } from '@pilothouse/client';
import { type Controller, createWorkQueue, type ReconcileResult, type WorkQueue } from '@pilothouse/controller';
import type { ControllerContext } from '../../controller-context.ts';
import { isNamespaceTerminating, messageOf } from '../pod-control.ts';
import { endpointFieldsDiffer, hasSelector, sameLabels, selectedPods, servicesOf } from '../service-pods.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { MANAGED_BY, MANAGED_BY_LABEL, planEndpointSlices, SERVICE_NAME_LABEL } from './plan.ts';

const BY_SERVICE = 'service';
/** The informer's event brings the service back sooner; this is for a slice deleted before it was ever seen. */
const CREATION_WAIT_MS = 1000;
const CREATION_PATIENCE = 10;

/** Lists the pods behind each service in EndpointSlices. Mirrors pkg/controller/endpointslice. */
export class EndpointSliceController implements Controller {
  readonly name = 'endpointslice-controller';
  readonly workers = 5;
  readonly queue: WorkQueue<string>;
  private readonly context: ControllerContext;
  private readonly recorder: EventRecorder;
  private readonly services: SharedInformer<Service>;
  private readonly pods: SharedInformer<Pod>;
  private readonly nodes: SharedInformer<Node>;
  private readonly slices: SharedInformer<EndpointSlice>;
  /** Service key → uids of slices just created: until the informer shows them, they would be created again. */
  private readonly unseen = new Map<string, Set<string>>();
  private readonly waits = new Map<string, number>();
  private readonly triggerTimes = new TriggerTimes();

  constructor(context: ControllerContext) {
    this.context = context;
    this.queue = createWorkQueue({ name: this.name, clock: context.clock, metrics: context.metrics });
    this.recorder = context.recorder('endpoint-slice-controller');
    this.services = context.informers.for(services);
    this.pods = context.informers.for(pods);
    this.nodes = context.informers.for(nodes);
    this.slices = context.informers.for(endpointslices);
    this.slices.addIndex(BY_SERVICE, (slice) => [serviceKeyOf(slice)]);
    const enqueue = (service: Service): void => this.queue.add(objectKey(service));
    const enqueueServices = (pod: Pod): void => {
      for (const key of servicesOf(pod, this.services)) this.queue.add(key);
    };
    const enqueueOwner = (slice: EndpointSlice): void => {
      if (slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY) this.queue.add(serviceKeyOf(slice));
    };
    this.services.addHandler({ onAdd: enqueue, onUpdate: (_, service) => enqueue(service), onDelete: enqueue });
    this.pods.addHandler({
      onAdd: enqueueServices,
      onUpdate: (before, after) => {
        if (!endpointFieldsDiffer(before, after)) return;
        enqueueServices(after);
        if (!sameLabels(before, after)) enqueueServices(before);
      },
      onDelete: enqueueServices,
    });
    this.slices.addHandler({
      onAdd: enqueueOwner,
      onUpdate: (_, slice) => enqueueOwner(slice),
      onDelete: enqueueOwner,
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const service = this.services.lister.get(key);
    if (!service) this.triggerTimes.forget(key);
    if (!service || !hasSelector(service) || service.spec.type === 'ExternalName' || service.metadata.deletionTimestamp)
      return;
    const owner = newControllerRef({ ...service, apiVersion: 'v1', kind: 'Service' });
    if (this.awaitsCreations(key)) return { requeueAfterMs: CREATION_WAIT_MS };
    const existing = this.slices.lister
      .byIndex(BY_SERVICE, key)
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY);
    const byName = new Map(this.nodes.lister.list().map((node) => [node.metadata.name ?? '', node]));
    const selected = selectedPods(service, this.pods);
    const triggerTime = this.triggerTimes.note(key, service, selected);
    const plan = planEndpointSlices(service, selected, existing, byName, triggerTime);
    const client = this.context.client.resource(endpointslices);
    const namespace = service.metadata.namespace ?? '';
    try {
      for (const slice of plan.create) {
        const created = await client.create(
          { ...slice, metadata: { ...slice.metadata, ownerReferences: [owner] } },
          { namespace },
        );
        this.unseen.set(key, (this.unseen.get(key) ?? new Set()).add(created.metadata.uid ?? ''));
      }
      for (const slice of plan.update) await client.update(slice, { namespace });
      for (const slice of plan.delete) {
        await client.delete(slice.metadata.name ?? '', { namespace }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
      }
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const message = `Error updating Endpoint Slices for Service ${key}: ${messageOf(error)}`;
      this.recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message);
      throw error;
    }
  }

  private awaitsCreations(key: string): boolean {
    const uids = this.unseen.get(key);
    if (!uids) return false;
    for (const slice of this.slices.lister.byIndex(BY_SERVICE, key)) uids.delete(slice.metadata.uid ?? '');
    const waits = (this.waits.get(key) ?? 0) + 1;
    if (uids.size > 0 && waits <= CREATION_PATIENCE) {
      this.waits.set(key, waits);
      return true;
    }
    this.unseen.delete(key);
    this.waits.delete(key);
    return false;
  }
}

function serviceKeyOf(slice: EndpointSlice): string {
  return `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? ''}`;
}
