import { isQualifiedName } from '@pilothouse/apimachinery';

/** What a container may ask for without a domain in the name; hugepages come on top. */
const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Countable objects, whose quantities are whole numbers. */
const OBJECT_COUNTS: readonly string[] = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const INTEGER_RESOURCES: ReadonlySet<string> = new Set(OBJECT_COUNTS);

const QUOTA_RESOURCES: ReadonlySet<string> = new Set([
  ...CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...OBJECT_COUNTS,
]);

const STANDARD_RESOURCES: ReadonlySet<string> = new Set([...QUOTA_RESOURCES, 'storage']);

/** The resources that may be given for a pod as a whole (KEP-2837), besides hugepages. */
const POD_LEVEL_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory']);

export const isHugePageResource = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePageResource = (name: string): boolean =>
  isHugePageResource(name) || name.startsWith('requests.hugepages-');

/** Without a domain, or in Kubernetes' own. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** A vendor's: `example.com/gpu`. It must still be a name with `requests.` before it, for quotas. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false;
  return isQualifiedName(`requests.${name}`).length === 0;
}

/** More may be requested as a limit than is there. Hugepages and vendors' devices are handed out whole. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePageResource(name);

export const isIntegerResource = (name: string): boolean => INTEGER_RESOURCES.has(name) || isExtendedResource(name);

export const isStandardContainerResource = (name: string): boolean =>
  CONTAINER_RESOURCES.has(name) || isHugePageResource(name);

export const isStandardResource = (name: string): boolean =>
  STANDARD_RESOURCES.has(name) || isQuotaHugePageResource(name);

export const isStandardQuotaResource = (name: string): boolean =>
  QUOTA_RESOURCES.has(name) || isQuotaHugePageResource(name);

export const isPodLevelResource = (name: string): boolean => POD_LEVEL_RESOURCES.has(name) || isHugePageResource(name);

/** As upstream tells them: hugepages of any size by their prefix. */
export const POD_LEVEL_RESOURCE_NAMES: readonly string[] = ['cpu', 'hugepages-', 'memory'];
