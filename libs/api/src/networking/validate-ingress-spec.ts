import {
  type FieldError,
  fieldPath,
  type FieldPath,
  invalidValue,
  isDNS1123Subdomain,
  isValidPortName,
  isValidPortNum,
  isWildcardDNS1123Subdomain,
  nameIsDNSLabel,
  nameIsDNSSubdomain,
  notSupported,
  parseIp,
  required,
} from '@pilothouse/apimachinery';
import type { HTTPIngressPath, IngressBackend, IngressRule, IngressSpec } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import { validateTypedReference } from './typed-reference.ts';

const SPEC = fieldPath('spec');
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const FORBIDDEN_IN_PATH = ['//', '/./', '/../', '%2f', '%2F'];
const FORBIDDEN_AT_END = ['/..', '/.'];
/** Prints as Go prints an absent list. */
const NO_RULES = { toJSON: () => null };

/** `old`: stored objects keep the secret names and wildcard rules that earlier releases let pass. */
export function validateIngressSpec(spec: IngressSpec, old?: IngressSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && !defaultBackend) {
    errors.push(invalidValue(SPEC, NO_RULES, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) validateBackend(defaultBackend, SPEC.child('defaultBackend'), errors);
  const skipWildcards = old?.rules?.some((rule) => rule.host?.includes('*') && problemsOf(rule)) ?? false;
  rules.forEach((rule, index) => validateRule(rule, SPEC.child('rules').index(index), skipWildcards, errors));
  const skipSecrets =
    old?.tls?.some(({ secretName }) => secretName && nameIsDNSSubdomain(secretName, false).length > 0) ?? false;
  tls.forEach(({ hosts = [], secretName }, index) => {
    const at = SPEC.child('tls').index(index);
    hosts.forEach((host, position) => validateHost(host, at.child('hosts').index(position), errors));
    if (secretName && !skipSecrets)
      pushInvalid(errors, at.child('secretName'), secretName, nameIsDNSSubdomain(secretName, false));
  });
  if (ingressClassName !== undefined) {
    pushInvalid(errors, SPEC.child('ingressClassName'), ingressClassName, nameIsDNSSubdomain(ingressClassName, false));
  }
  return errors;
}

function problemsOf(rule: IngressRule): boolean {
  const errors: FieldError[] = [];
  validatePaths(rule, SPEC, errors);
  return errors.length > 0;
}

function validateHost(host: string, path: FieldPath, errors: FieldError[]): void {
  pushInvalid(errors, path, host, host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host));
}

function validateRule(rule: IngressRule, path: FieldPath, skipWildcards: boolean, errors: FieldError[]): void {
  const { host } = rule;
  if (host) {
    if (parseIp(host)) errors.push(invalidValue(path.child('host'), host, 'must be a DNS name, not an IP address'));
    validateHost(host, path.child('host'), errors);
  }
  if (!(skipWildcards && host?.includes('*'))) validatePaths(rule, path, errors);
}

function validatePaths({ http }: IngressRule, path: FieldPath, errors: FieldError[]): void {
  if (!http) return;
  const at = path.child('http', 'paths');
  if (!http.paths?.length) errors.push(required(at));
  http.paths?.forEach((each, index) => validatePath(each, at.index(index), errors));
}

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, at: FieldPath, errors: FieldError[]): void {
  if (pathType === undefined || pathType === null) {
    errors.push(required(at.child('pathType'), 'pathType must be specified'));
    return;
  }
  const complain = (problem: string): void => void errors.push(invalidValue(at.child('path'), path, problem));
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) complain('must be an absolute path');
    for (const part of FORBIDDEN_IN_PATH) if (path.includes(part)) complain(`must not contain '${part}'`);
    for (const end of FORBIDDEN_AT_END) if (path.endsWith(end)) complain(`cannot end with '${end}'`);
  } else if (pathType === 'ImplementationSpecific') {
    if (path && !path.startsWith('/')) complain('must be an absolute path');
  } else errors.push(notSupported(at.child('pathType'), pathType, PATH_TYPES));
  validateBackend(backend, at.child('backend'), errors);
}

function validateBackend({ service, resource }: IngressBackend, path: FieldPath, errors: FieldError[]): void {
  if (service && resource) errors.push(invalidValue(path, '', 'cannot set both resource and service backends'));
  else if (resource) validateTypedReference(resource, path.child('resource'), errors);
  else if (service) validateServiceBackend(service, path, errors);
  else errors.push(invalidValue(path, '', 'resource or service backend is required'));
}

function validateServiceBackend(
  { name, port }: NonNullable<IngressBackend['service']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('service');
  if (!name) errors.push(required(at.child('name')));
  // RelaxedServiceNameValidation: a Service may be called by a number.
  else pushInvalid(errors, at.child('name'), name, nameIsDNSLabel(name, false));
  if (port?.name && port.number) errors.push(invalidValue(path, '', 'cannot set both port name & port number'));
  else if (port?.name) pushInvalid(errors, at.child('port', 'name'), port.name, isValidPortName(port.name));
  else if (port?.number) pushInvalid(errors, at.child('port', 'number'), port.number, isValidPortNum(port.number));
  else errors.push(required(path, 'port name or number is required'));
}
