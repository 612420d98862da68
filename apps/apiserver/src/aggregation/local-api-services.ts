import { isNotFound, type ResourceDefinition } from '@pilothouse/apimachinery';
import type { APIService } from '@pilothouse/api';
import { systemContext } from '../bootstrap/system-context.ts';
import type { ServedGroup } from '../discovery/groups.ts';
import { groupPriority, versionPriority } from '../discovery/priorities.ts';
import { fillSystemMetadata } from '../registry/metadata.ts';
import type { ObjectRegistry } from '../registry/object-registry.ts';
import { LOCAL, withAvailability } from './availability.ts';

/** Marks the APIServices that we make ourselves, and may take away again. */
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged';
/** The aggregator does not register itself. */
const AGGREGATOR = 'apiregistration.k8s.io';
const CUSTOM_GROUP_PRIORITY = 1_000;
const CUSTOM_VERSION_PRIORITY = 100;

export function apiServiceName(group: string, version: string): string {
  return `${version}.${group}`;
}

/** Every group version that is served here has an APIService without a service, and none that is not. */
export async function ensureLocalApiServices(
  registry: ObjectRegistry,
  groups: readonly ServedGroup[],
  now: Date,
): Promise<void> {
  const wanted = groups
    .filter(({ name }) => name !== AGGREGATOR)
    .flatMap(({ name, versions }) =>
      versions.map(({ version, resources }) =>
        resources.every(({ definition }) => isCustom(definition))
          ? customApiService(name, version, now)
          : localApiService(name, version, now),
      ),
    );
  await Promise.all(wanted.map((service) => ensureAvailable(registry, service, now)));
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const { items } = await registry.store.list({ namespace: '', resourceVersion: '', unfiltered: true });
  for (const { object, key } of items) {
    const managed = object.metadata?.labels?.[AUTOMANAGED] !== undefined;
    if (!managed || (object as APIService).spec.service || names.has(key.name)) continue;
    await registry.delete(key, {}, systemContext(now)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

/** Past the rules for clients, who may not write a status with the object. */
async function ensureAvailable({ store }: ObjectRegistry, service: APIService, now: Date): Promise<void> {
  const key = { namespace: '', name: service.metadata.name! };
  await store.update(
    key,
    (current) => {
      if (current) {
        const known = current.object as APIService;
        // Somebody else answers for a group version that is served here too: that is theirs to say.
        return known.spec.service ? known : withAvailability(known, LOCAL, now);
      }
      fillSystemMetadata(service, now);
      return service;
    },
    { createIfAbsent: true },
  );
}

function isCustom({ versions }: ResourceDefinition): boolean {
  return versions.some(({ schema }) => schema.structural === true);
}

/** Upstream: the autoregistration controller, which keeps them as long as their CRD has the version. */
function customApiService(group: string, version: string, now: Date): APIService {
  const service: APIService = {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: apiServiceName(group, version), labels: { [AUTOMANAGED]: 'true' } },
    spec: {
      group,
      version,
      groupPriorityMinimum: CUSTOM_GROUP_PRIORITY,
      versionPriority: CUSTOM_VERSION_PRIORITY,
    },
  };
  return withAvailability(service, LOCAL, now);
}

function localApiService(group: string, version: string, now: Date): APIService {
  const service: APIService = {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: apiServiceName(group, version), labels: { [AUTOMANAGED]: 'onstart' } },
    spec: {
      group,
      version,
      groupPriorityMinimum: groupPriority(group),
      versionPriority: versionPriority(group, version),
    },
  };
  return withAvailability(service, LOCAL, now);
}
