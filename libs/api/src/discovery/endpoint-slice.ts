import {
  deepEqual,
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  isFullyQualifiedDomainName,
  isQualifiedName,
  isLabelValue,
  notSupported,
  required,
  tooMany,
  validateImmutableField,
  validateIPv4,
  validateIPv6,
} from '@pilothouse/apimachinery';
import type { discoveryV1, EndpointSlice } from '@pilothouse/api';
import { validateEndpointIp } from '../core/validation/ip-address.ts';
import { ipWarnings } from '../core/validation/ip-warnings.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, UNSET } from '../printing/index.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_HINTS = 8;
const MAX_PORTS = 20_000;

export const endpointSlice: KindBehaviour<EndpointSlice> = {
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  defaults: (each) => {
    for (const port of each.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  columns: [
    nameColumn,
    column<EndpointSlice>('AddressType', ({ addressType }) => addressType),
    column<EndpointSlice>('Ports', ({ ports }) =>
      shorten((ports ?? []).map((port) => (port.port === undefined ? port.name || '*' : String(port.port)))),
    ),
    column<EndpointSlice>('Endpoints', ({ endpoints }) =>
      shorten((endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])),
    ),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: (each: EndpointSlice) => {
      each.metadata.generation = 1;
      dropTopology(each);
    },
    prepareForUpdate: (next: EndpointSlice, old: EndpointSlice) => {
      if (!deepEqual(next.endpoints, old.endpoints)) dropTopology(next);
    },
    validate: validateSlice,
    validateUpdate: (next: EndpointSlice, old: EndpointSlice) => [
      ...validateSlice(next),
      ...validateImmutableField(next.addressType, old.addressType, fieldPath('addressType')),
    ],
    warnings: (each: EndpointSlice) => [
      // The path is upstream's.
      ...(each.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
      ...addressWarnings(each),
    ],
    allowUnconditionalUpdate: true,
    tracksGeneration: true,
  },
};

/** v1 has fields for what v1beta1 said in a map, and does not take new entries of it. */
function dropTopology({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** Slices of our own controllers have addresses as they should be. */
const MANAGERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (MANAGERS.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return [];
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    (addresses ?? []).flatMap((address, at) =>
      ipWarnings(address, fieldPath('endpoints').index(index).child('addresses').index(at)),
    ),
  );
}

function shorten(values: readonly string[]): string {
  if (values.length === 0) return UNSET;
  const shown = values.slice(0, 3).join(',');
  return values.length > 3 ? `${shown} + ${values.length - 3} more...` : shown;
}

function validateSlice({ addressType, endpoints, ports }: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  const type = fieldPath('addressType');
  if (!addressType) errors.push(required(type));
  else if (!['IPv4', 'IPv6', 'FQDN'].includes(addressType))
    errors.push(notSupported(type, addressType, ['FQDN', 'IPv4', 'IPv6']));
  const list = fieldPath('endpoints');
  if ((endpoints?.length ?? 0) > MAX_ENDPOINTS) errors.push(tooMany(list, endpoints!.length, MAX_ENDPOINTS));
  else endpoints?.forEach((endpoint, at) => errors.push(...validateEndpoint(endpoint, addressType, list.index(at))));
  errors.push(...validatePorts(ports ?? []));
  return errors;
}

function validateEndpoint(endpoint: discoveryV1.Endpoint, addressType: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = endpoint.addresses ?? [];
  const field = path.child('addresses');
  if (addresses.length === 0) errors.push(required(field, 'must contain at least 1 address'));
  else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(field, addresses.length, MAX_ADDRESSES));
  addresses.forEach((address, at) => {
    const here = field.index(at);
    if (addressType === 'IPv4') errors.push(...validateIPv4(address, here));
    else if (addressType === 'IPv6') errors.push(...validateIPv6(address, here));
    if (addressType === 'IPv4' || addressType === 'IPv6') validateEndpointIp(address, here, errors);
    else if (addressType === 'FQDN') errors.push(...isFullyQualifiedDomainName(here, address));
  });
  if (endpoint.nodeName !== undefined) {
    for (const problem of isDNS1123Subdomain(endpoint.nodeName))
      errors.push(invalidValue(path.child('nodeName'), endpoint.nodeName, problem));
  }
  if (endpoint.hostname !== undefined) {
    for (const problem of isDNS1123Label(endpoint.hostname))
      errors.push(invalidValue(path.child('hostname'), endpoint.hostname, problem));
  }
  errors.push(...validateHints(endpoint.hints, path.child('hints')));
  return errors;
}

function validateHints(hints: discoveryV1.EndpointHints | undefined, path: FieldPath): FieldError[] {
  const { forZones = [], forNodes = [] } = hints ?? {};
  const [zones, nodes] = [path.child('forZones'), path.child('forNodes')];
  if (forZones.length > MAX_HINTS) return [tooMany(zones, forZones.length, MAX_HINTS)];
  if (forNodes.length > MAX_HINTS) return [tooMany(nodes, forNodes.length, MAX_HINTS)];
  return [
    ...validateHintNames(forZones, zones, isLabelValue),
    ...validateHintNames(forNodes, nodes, isDNS1123Subdomain),
  ];
}

function validateHintNames(
  hints: readonly { readonly name: string }[],
  path: FieldPath,
  rule: (name: string) => string[],
): FieldError[] {
  const errors: FieldError[] = [];
  hints.forEach(({ name }, at) => {
    const here = path.index(at).child('name');
    if (hints.findIndex((each) => each.name === name) < at) errors.push(duplicate(here, name));
    for (const problem of rule(name)) errors.push(invalidValue(here, name, problem));
  });
  return errors;
}

function validatePorts(ports: readonly discoveryV1.EndpointPort[]): FieldError[] {
  const path = fieldPath('ports');
  if (ports.length > MAX_PORTS) return [tooMany(path, ports.length, MAX_PORTS)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports.forEach((port, at) => {
    const here = path.index(at);
    const name = port.name ?? '';
    if (name) for (const problem of isDNS1123Label(name)) errors.push(invalidValue(here.child('name'), name, problem));
    if (names.has(name)) errors.push(duplicate(here.child('name'), name));
    names.add(name);
    if (!port.protocol) errors.push(required(here.child('protocol')));
    else if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol))
      errors.push(notSupported(here.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']));
    for (const problem of port.appProtocol === undefined ? [] : isQualifiedName(port.appProtocol))
      errors.push(invalidValue(here.child('appProtocol'), port.appProtocol, problem));
  });
  return errors;
}
