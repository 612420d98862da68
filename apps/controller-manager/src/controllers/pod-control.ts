import { type KubeObject, newControllerRef, isNotFound, StatusError } from '@pilothouse/apimachinery';
import { type Pod, pods, type PodTemplateSpec } from '@pilothouse/api';
import type { EventRecorder, KubeClient } from '@pilothouse/client';

/** The pod that a template makes, owned by `owner`. */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata?.name}-`,
      namespace: owner.metadata?.namespace ?? '',
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [newControllerRef(owner)],
    },
    // A copy, so that a caller may pin names and volumes.
    spec: structuredClone(template.spec!),
  };
}

/** Creates and deletes pods on behalf of a controller, and says so in events with upstream's words. */
export class PodControl {
  private readonly client: KubeClient;
  private readonly recorder: EventRecorder;

  constructor(client: KubeClient, recorder: EventRecorder) {
    this.client = client;
    this.recorder = recorder;
  }

  async create(pod: Pod, owner: KubeObject): Promise<Pod> {
    try {
      const created = await this.client.resource(pods).create(pod, { namespace: pod.metadata.namespace ?? '' });
      this.recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        this.recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  /** A pod that is already gone counts as deleted. */
  async delete(pod: Pod, owner: KubeObject): Promise<void> {
    const { name = '', namespace = '' } = pod.metadata;
    try {
      await this.client.resource(pods).delete(name, { namespace });
      this.recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) return;
      this.recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Creation refused because the namespace is going away: there is nothing to retry. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true
  );
}
