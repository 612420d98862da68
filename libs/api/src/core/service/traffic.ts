import {
  type FieldError,
  fieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  isValidPortNum,
  notSupported,
  required,
} from '@pilothouse/apimachinery';
import type { ServiceSpec } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';
import { isExternallyAccessible, needsClusterIp, needsHealthCheckNodePort } from './service-type.ts';

const SPEC = fieldPath('spec');
const POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
/** A day. */
const MAX_AFFINITY_SECONDS = 86_400;

/** How traffic comes in and to which endpoints it goes. */
export function validateTraffic(spec: ServiceSpec, errors: FieldError[]): void {
  validateLoadBalancerClass(spec, errors);
  validateExternalTraffic(spec, errors);
  const internal = spec.internalTrafficPolicy;
  const at = SPEC.child('internalTrafficPolicy');
  if (internal === undefined) {
    if (needsClusterIp(spec)) errors.push(required(at));
  } else if (!POLICIES.includes(internal)) errors.push(notSupported(at, internal, POLICIES));
  const distribution = spec.trafficDistribution;
  if (distribution !== undefined && !DISTRIBUTIONS.includes(distribution)) {
    errors.push(notSupported(SPEC.child('trafficDistribution'), distribution, DISTRIBUTIONS));
  }
}

export function validateLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec, errors: FieldError[]): void {
  if (loadBalancerClass === undefined) return;
  const at = SPEC.child('loadBalancerClass');
  if (type === 'LoadBalancer') pushInvalid(errors, at, loadBalancerClass, isQualifiedName(loadBalancerClass));
  else errors.push(forbiddenField(at, "may only be used when `type` is 'LoadBalancer'"));
}

function validateExternalTraffic(spec: ServiceSpec, errors: FieldError[]): void {
  const policy = spec.externalTrafficPolicy ?? '';
  const at = SPEC.child('externalTrafficPolicy');
  if (!isExternallyAccessible(spec)) {
    if (policy) errors.push(invalidValue(at, policy, 'may only be set for externally-accessible services'));
  } else if (!policy) errors.push(required(at));
  else if (!POLICIES.includes(policy)) errors.push(notSupported(at, policy, POLICIES));
  const port = spec.healthCheckNodePort ?? 0;
  const portPath = SPEC.child('healthCheckNodePort');
  if (!needsHealthCheckNodePort(spec)) {
    if (port === 0) return;
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue(portPath, port, detail));
  } else if (port === 0) errors.push(required(portPath));
  else pushInvalid(errors, portPath, port, isValidPortNum(port));
}

export function validateSessionAffinity(spec: ServiceSpec, errors: FieldError[]): void {
  const { sessionAffinity, sessionAffinityConfig: config } = spec;
  const at = SPEC.child('sessionAffinityConfig');
  const valid = ['ClientIP', 'None'];
  if (!sessionAffinity) errors.push(required(SPEC.child('sessionAffinity')));
  else if (!valid.includes(sessionAffinity)) {
    errors.push(notSupported(SPEC.child('sessionAffinity'), sessionAffinity, valid));
  } else if (sessionAffinity === 'None') {
    if (config) errors.push(forbiddenField(at, 'must not be set when session affinity is None'));
  } else {
    const seconds = config?.clientIP?.timeoutSeconds;
    const missing = !config ? at : !config.clientIP ? at.child('clientIP') : at.child('clientIP', 'timeoutSeconds');
    if (seconds === undefined) errors.push(required(missing, 'when session affinity type is ClientIP'));
    else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
      errors.push(invalidValue(missing, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`));
    }
  }
}
