import { parseQuantity, Quantity } from '@pilothouse/apimachinery';
import type { PersistentVolumeClaim } from '@pilothouse/api';
import type { QuotaEvaluator } from './evaluator.ts';
import { matchesNames } from './scope-operator.ts';

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
const NAMES = new Set(['persistentvolumeclaims', 'count/persistentvolumeclaims', 'requests.storage']);

/** Claims and the storage they ask for, in all and per storage class. */
export const claimEvaluator: QuotaEvaluator = {
  group: '',
  resource: 'persistentvolumeclaims',
  charges: ({ operation, subresource }) => subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  matching: (names) => names.filter((name) => NAMES.has(name) || name.includes(CLASS_SUFFIX)),
  usage({ metadata, spec, status }: PersistentVolumeClaim) {
    const one = Quantity.of(1);
    const className = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '';
    const usage: Record<string, Quantity> = { persistentvolumeclaims: one, 'count/persistentvolumeclaims': one };
    if (className) usage[`${className}${CLASS_SUFFIX}persistentvolumeclaims`] = one;
    const requested = spec.resources?.requests?.storage;
    if (requested === undefined) return usage;
    const allocated = status?.allocatedResources?.storage;
    const [wanted, had] = [parseQuantity(requested), allocated === undefined ? undefined : parseQuantity(allocated)];
    // While a volume grows or shrinks, the larger of the two counts.
    const storage = had !== undefined && had.compare(wanted) > 0 ? had : wanted;
    usage['requests.storage'] = storage;
    if (className) usage[`${className}${CLASS_SUFFIX}requests.storage`] = storage;
    return usage;
  },
  inScope: ({ spec, status }: PersistentVolumeClaim, scope) =>
    scope.scopeName === 'VolumeAttributesClass' &&
    [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName].some((name) =>
      matchesNames(scope, name ?? ''),
    ),
};
