import { isAlreadyExists, isNotFound } from '@pilothouse/apimachinery';
import { type APIService, apiservices, type Service, services } from '@pilothouse/api';
import type { KubeClient } from '@pilothouse/client';

const NAMESPACE = 'kube-system';
const NAME = 'metrics-server';
const API_SERVICE = 'v1beta1.metrics.k8s.io';

/** Tells the apiserver who serves metrics.k8s.io: a service by host name, since nothing routes cluster IPs here. */
export async function register(client: KubeClient, host: string, port: number, caPem: string): Promise<void> {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: NAMESPACE, labels: { 'k8s-app': NAME } },
    spec: { type: 'ExternalName', externalName: host },
  } as Service;
  const apiService = {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: API_SERVICE, labels: { 'k8s-app': NAME } },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { namespace: NAMESPACE, name: NAME, port },
      caBundle: Buffer.from(caPem).toString('base64'),
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  } as APIService;
  await createOrReplace(client, services, service, { namespace: NAMESPACE });
  await createOrReplace(client, apiservices, apiService, {});
}

async function createOrReplace<T extends Service | APIService>(
  client: KubeClient,
  ref: Parameters<typeof client.resource<T>>[0],
  wanted: T,
  where: { readonly namespace?: string },
): Promise<void> {
  const resource = client.resource(ref);
  try {
    await resource.create(wanted, where);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const before = await resource.get(wanted.metadata?.name ?? '', where).catch((why: unknown) => {
      if (isNotFound(why)) return undefined;
      throw why;
    });
    if (before) await resource.update({ ...before, spec: wanted.spec }, where);
    else await resource.create(wanted, where);
  }
}
