import {
  deepEqual,
  type FieldError,
  fieldPath,
  type FieldPath,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidPortNum,
  required,
} from '@pilothouse/apimachinery';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { repackSubsets } from './repack-subsets.ts';
import { validateProtocol } from './pod-spec/container-ports.ts';
import { validateEndpointIp, validateLegacyIp } from './validation/ip-address.ts';
import { ipWarnings } from './validation/ip-warnings.ts';
import { pushInvalid } from './validation/push-invalid.ts';

const SUBSETS = fieldPath('subsets');
const SHOWN = 3;

export const endpoints: KindBehaviour<Endpoints> = {
  group: '',
  kind: 'Endpoints',
  storagePrefix: 'services/endpoints',
  versions: {
    v1: { deprecationWarning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice' },
  },
  defaults: (each) => {
    for (const subset of each.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
  },
  columns: [nameColumn, column<Endpoints>('Endpoints', ({ subsets }) => endpointsCell(subsets)), ageColumn],
  strategy: {
    prepareForCreate: repack,
    prepareForUpdate: repack,
    validate: ({ subsets }: Endpoints) => validateSubsets(subsets ?? []),
    validateUpdate: (next: Endpoints, old: Endpoints) => {
      return deepEqual(next.subsets, old.subsets) ? [] : validateSubsets(next.subsets ?? []);
    },
    updateChecks: ['metadataUpdate', 'metadata', 'update'],
    warnings: addressWarnings,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
  },
};

/** The endpoints controller writes addresses as they should be. */
function addressWarnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return [];
  return subsets.flatMap((subset, i) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip = '' }, j) =>
        ipWarnings(ip, SUBSETS.index(i).child(list).index(j).child('ip')),
      ),
    ),
  );
}

/** Subsets in their canonical form; what is not valid stays as it is, for validation to name. */
function repack(each: Endpoints): void {
  if (each.subsets && validateSubsets(each.subsets).length === 0) each.subsets = repackSubsets(each.subsets);
}

function validateSubsets(subsets: readonly EndpointSubset[]): FieldError[] {
  const errors: FieldError[] = [];
  subsets.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const at = SUBSETS.index(index);
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    }
    addresses.forEach((address, i) => validateAddress(address, at.child('addresses').index(i), errors));
    notReadyAddresses.forEach((address, i) => validateAddress(address, at.child('notReadyAddresses').index(i), errors));
    ports.forEach((port, i) => validatePort(port, ports.length > 1, at.child('ports').index(i), errors));
  });
  return errors;
}

function validateAddress(
  { ip = '', hostname, nodeName }: EndpointAddress,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateLegacyIp(ip, path.child('ip'), errors);
  if (hostname) pushInvalid(errors, path.child('hostname'), hostname, isDNS1123Label(hostname));
  if (nodeName !== undefined) pushInvalid(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName));
  validateEndpointIp(ip, path.child('ip'), errors);
}

function validatePort(port: EndpointPort, nameRequired: boolean, path: FieldPath, errors: FieldError[]): void {
  if (port.name) pushInvalid(errors, path.child('name'), port.name, isDNS1123Label(port.name));
  else if (nameRequired) errors.push(required(path.child('name')));
  pushInvalid(errors, path.child('port'), port.port ?? 0, isValidPortNum(port.port ?? 0));
  validateProtocol(port.protocol, path.child('protocol'), errors);
  if (port.appProtocol !== undefined) {
    pushInvalid(errors, path.child('appProtocol'), port.appProtocol, isQualifiedName(port.appProtocol));
  }
}

/** The first few `address:port`, of ready addresses only. */
function endpointsCell(subsets: readonly EndpointSubset[] | undefined): string {
  if (!subsets?.length) return NONE;
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`)),
  );
  const shown = all.slice(0, SHOWN).join(',');
  return all.length > SHOWN ? `${shown} + ${all.length - SHOWN} more...` : shown;
}
