import {
  duplicate,
  type FieldError,
  fieldPath,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  isValidPortNum,
  notSupported,
  required,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { Service, ServicePort, ServiceSpec } from '@pilothouse/api';
import { validatePortNumOrName, validateProtocol } from '../pod-spec/container-ports.ts';
import { validateEndpointIp, validateLegacyCidr, validateLegacyIp } from '../validation/ip-address.ts';
import { internalForm, type InternalFields } from '../validation/internal-form.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import {
  LOAD_BALANCER_SOURCE_RANGES_ANNOTATION,
  TOPOLOGY_HINTS_ANNOTATION,
  TOPOLOGY_MODE_ANNOTATION,
} from '../well-known.ts';
import { validateClusterIps } from './cluster-ips.ts';
import { isHeadless } from './service-type.ts';
import { validateSessionAffinity, validateTraffic } from './traffic.ts';

const SPEC = fieldPath('spec');
const PORTS = SPEC.child('ports');
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
/** Of two equal ports upstream shows only what makes them equal. */
const PORT_FIELDS: InternalFields = {
  Name: ['name', ''],
  Protocol: ['protocol', ''],
  AppProtocol: ['appProtocol', null],
  Port: ['port', 0],
  TargetPort: ['targetPort', 0],
  NodePort: ['nodePort', 0],
};
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

/** A service whose addresses and ports have been allocated. Values of `old` are not held to newer rules. */
export function validateService(service: Service, old?: Service): FieldError[] {
  const errors: FieldError[] = [];
  const spec = service.spec ?? {};
  validateTopologyAnnotations(service.metadata.annotations ?? {}, errors);
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required(PORTS));
  validateType(spec, errors);
  validatePorts(spec, errors);
  if (spec.selector) errors.push(...validateLabels(spec.selector, SPEC.child('selector')));
  validateSessionAffinity(spec, errors);
  validateClusterIps(spec, old?.spec, errors);
  spec.externalIPs?.forEach((ip, index) => {
    const at = SPEC.child('externalIPs').index(index);
    const before = errors.length;
    validateLegacyIp(ip, at, errors, old?.spec?.externalIPs);
    if (errors.length === before) validateEndpointIp(ip, at, errors);
  });
  if (!spec.type) errors.push(required(SPEC.child('type')));
  else if (!TYPES.includes(spec.type)) errors.push(notSupported(SPEC.child('type'), spec.type, TYPES));
  validateUniquePorts(spec, errors);
  validateSourceRanges(service, old, errors);
  if (spec.type === 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === undefined) {
      errors.push(required(fieldPath('allocateLoadBalancerNodePorts')));
    }
  } else if (spec.allocateLoadBalancerNodePorts !== undefined) {
    errors.push(forbiddenField(SPEC.child('allocateLoadBalancerNodePorts'), ONLY_LOAD_BALANCER));
  }
  validateTraffic(spec, errors);
  return errors;
}

function validateTopologyAnnotations(annotations: Record<string, string>, errors: FieldError[]): void {
  const [hints, mode] = [annotations[TOPOLOGY_HINTS_ANNOTATION], annotations[TOPOLOGY_MODE_ANNOTATION]];
  if (hints === undefined || mode === undefined || hints === mode) return;
  const at = fieldPath('metadata', 'annotations').key(TOPOLOGY_MODE_ANNOTATION);
  errors.push(invalidValue(at, mode, `must match annotations[${TOPOLOGY_HINTS_ANNOTATION}] when both are specified`));
}

function validateType(spec: ServiceSpec, errors: FieldError[]): void {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (!isHeadless(spec)) return;
    const detail = `may not be set to 'None' for ${spec.type} services`;
    errors.push(invalidValue(SPEC.child('clusterIPs').index(0), 'None', detail));
  } else if (spec.type === 'ExternalName') {
    const detail = 'may not be set for ExternalName services';
    if (spec.clusterIPs?.length) errors.push(forbiddenField(SPEC.child('clusterIPs'), detail));
    if (spec.ipFamilies?.length) errors.push(forbiddenField(SPEC.child('ipFamilies'), detail));
    if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField(SPEC.child('ipFamilyPolicy'), detail));
    // A trailing dot says that the name is complete.
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    if (name) pushInvalid(errors, SPEC.child('externalName'), name, isDNS1123Subdomain(name));
    else errors.push(required(SPEC.child('externalName')));
  }
}

function validatePorts({ ports = [] }: ServiceSpec, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, index) => validatePort(port, ports.length > 1, names, PORTS.index(index), errors));
}

function validatePort(
  port: ServicePort,
  nameRequired: boolean,
  names: Set<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (port.name) {
    pushInvalid(errors, path.child('name'), port.name, isDNS1123Label(port.name));
    if (names.has(port.name)) errors.push(duplicate(path.child('name'), port.name));
    names.add(port.name);
  } else if (nameRequired) errors.push(required(path.child('name')));
  pushInvalid(errors, path.child('port'), port.port, isValidPortNum(port.port));
  validateProtocol(port.protocol, path.child('protocol'), errors);
  validatePortNumOrName(port.targetPort, path.child('targetPort'), errors);
  if (port.appProtocol !== undefined) {
    pushInvalid(errors, path.child('appProtocol'), port.appProtocol, isQualifiedName(port.appProtocol));
  }
}

/** No number twice for one protocol, neither of the service nor of the nodes. */
function validateUniquePorts({ type, ports = [] }: ServiceSpec, errors: FieldError[]): void {
  if (type === 'ClusterIP') {
    ports.forEach((port, index) => {
      if (!port.nodePort) return;
      const at = PORTS.index(index).child('nodePort');
      errors.push(forbiddenField(at, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const nodePorts = new Set<string>();
  ports.forEach(({ protocol, nodePort }, index) => {
    if (!nodePort) return;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(PORTS.index(index).child('nodePort'), nodePort));
    nodePorts.add(key);
  });
  const own = new Set<string>();
  ports.forEach(({ protocol, port }, index) => {
    const key = `${protocol}/${port}`;
    if (own.has(key)) errors.push(duplicate(PORTS.index(index), internalForm({ protocol, port }, PORT_FIELDS)));
    own.add(key);
  });
}

/** Values may be padded with blanks: they were once one annotation. */
function validateSourceRanges({ metadata, spec }: Service, old: Service | undefined, errors: FieldError[]): void {
  const ranges = spec?.loadBalancerSourceRanges ?? [];
  const annotation = metadata.annotations?.[LOAD_BALANCER_SOURCE_RANGES_ANNOTATION];
  if (ranges.length > 0) {
    const at = SPEC.child('LoadBalancerSourceRanges');
    if (spec?.type !== 'LoadBalancer') errors.push(forbiddenField(at, ONLY_LOAD_BALANCER));
    const before = old?.spec?.loadBalancerSourceRanges?.map((range) => range.trim());
    ranges.forEach((range, index) => validateLegacyCidr(range.trim(), at.index(index), errors, before));
  } else if (annotation !== undefined) {
    const at = fieldPath('metadata', 'annotations').key(LOAD_BALANCER_SOURCE_RANGES_ANNOTATION);
    if (spec?.type !== 'LoadBalancer') errors.push(forbiddenField(at, ONLY_LOAD_BALANCER));
    if (annotation === old?.metadata.annotations?.[LOAD_BALANCER_SOURCE_RANGES_ANNOTATION] || !annotation.trim())
      return;
    for (const range of annotation.split(',')) validateLegacyCidr(range.trim(), at, errors);
  }
}
