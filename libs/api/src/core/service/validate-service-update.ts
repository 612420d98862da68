import {
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { Service } from '@pilothouse/api';
import { ipFamily, validateLegacyIp } from '../validation/ip-address.ts';
import { pushInvalid } from '../validation/push-invalid.ts';
import { validateClusterIpsUpdate } from './cluster-ips.ts';
import { needsHealthCheckNodePort } from './service-type.ts';
import { validateLoadBalancerClass } from './traffic.ts';
import { validateService } from './validate-service.ts';

const SPEC = fieldPath('spec');
const INGRESS = fieldPath('status', 'loadBalancer', 'ingress');
const IP_MODES = ['Proxy', 'VIP'];

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const [spec, was] = [service.spec ?? {}, old.spec ?? {}];
  validateClusterIpsUpdate(spec, was, errors);
  if (spec.type === 'LoadBalancer' && was.type === 'LoadBalancer' && spec.loadBalancerClass !== was.loadBalancerClass) {
    errors.push(invalidValue(SPEC.child('loadBalancerClass'), spec.loadBalancerClass, 'may not change once set'));
  }
  const samePort = (spec.healthCheckNodePort ?? 0) === (was.healthCheckNodePort ?? 0);
  if (needsHealthCheckNodePort(was) && needsHealthCheckNodePort(spec) && !samePort) {
    errors.push(forbiddenField(SPEC.child('healthCheckNodePort'), 'field is immutable'));
  }
  validateLoadBalancerClass(spec, errors);
  return [...errors, ...validateService(service, old)];
}

/** Where the load balancer can be reached, as its controller reports it. */
export function validateServiceStatusUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec?.type !== 'LoadBalancer') {
    if (ingress.length > 0) {
      errors.push(forbiddenField(INGRESS, "may only be used when `spec.type` is 'LoadBalancer'"));
    }
    return errors;
  }
  const before = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip || []);
  ingress.forEach(({ ip, ipMode, hostname }, index) => {
    const at = INGRESS.index(index);
    const modePath = at.child('ipMode');
    if (ip) validateLegacyIp(ip, at.child('ip'), errors, before);
    if (ipMode === undefined) {
      if (ip) errors.push(required(modePath, 'must be specified when `ip` is set'));
    } else if (!ip) errors.push(forbiddenField(modePath, 'may not be specified when `ip` is not set'));
    else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(modePath, ipMode, IP_MODES));
    if (!hostname) return;
    pushInvalid(errors, at.child('hostname'), hostname, isDNS1123Subdomain(hostname));
    if (ipFamily(hostname) !== undefined) {
      errors.push(invalidValue(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
    }
  });
  return errors;
}
