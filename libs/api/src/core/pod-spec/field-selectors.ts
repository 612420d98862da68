import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isQualifiedName,
  notSupported,
  parseQuantity,
  required,
} from '@pilothouse/apimachinery';
import type { ObjectFieldSelector, ResourceFieldSelector } from '@pilothouse/api';
import { pushInvalid } from '../validation/push-invalid.ts';

/** The fields of a pod that the downward API knows by name; each place allows some of them. */
const DOWNWARD_FIELDS: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const BYTE_DIVISOR_TEXT = BYTE_DIVISORS.join(', ');

/** `metadata.labels['app']`: a field and, in quotes, a key of it. */
const SUBSCRIPT = /^(.+?)\['(.*)'\]$/s;

/** A reference to a field of the pod itself. */
export function validateFieldRef(
  reference: ObjectFieldSelector,
  allowed: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!reference.apiVersion) errors.push(required(path.child('apiVersion')));
  else if (!reference.fieldPath) errors.push(required(path.child('fieldPath')));
  else validateFieldPath(reference.apiVersion, reference.fieldPath, allowed, path, errors);
}

function validateFieldPath(
  apiVersion: string,
  text: string,
  allowed: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('fieldPath');
  const match = SUBSCRIPT.exec(text);
  const field = match?.[1] ?? text;
  if (apiVersion !== 'v1') {
    errors.push(invalidValue(at, text, `error converting fieldPath: unsupported pod version: ${apiVersion}`));
  } else if (match ? field !== 'metadata.annotations' && field !== 'metadata.labels' : !DOWNWARD_FIELDS.has(field)) {
    // `spec.host` is the name that nodeName had before v1.
    if (!match && field === 'spec.host') validateAllowed('spec.nodeName', allowed, at, errors);
    else if (match) {
      errors.push(
        invalidValue(at, text, `error converting fieldPath: field label does not support subscript: ${text}`),
      );
    } else errors.push(invalidValue(at, text, `error converting fieldPath: field label not supported: ${field}`));
  } else if (match) {
    const key = match[2] ?? '';
    const name = field === 'metadata.annotations' ? key.toLowerCase() : key;
    pushInvalid(errors, path, name, isQualifiedName(name));
  } else validateAllowed(field, allowed, at, errors);
}

function validateAllowed(field: string, allowed: readonly string[], path: FieldPath, errors: FieldError[]): void {
  if (!allowed.includes(field)) errors.push(notSupported(path, field, allowed));
}

interface ResourceFieldRules {
  /** In a volume the container must be named; in a variable it is the variable's own. */
  readonly inVolume?: boolean;
}

/** A reference to a request or limit of a container. */
export function validateResourceFieldRef(
  reference: ResourceFieldSelector,
  path: FieldPath,
  errors: FieldError[],
  { inVolume = false }: ResourceFieldRules = {},
): void {
  const resource = reference.resource ?? '';
  if (inVolume && !reference.containerName) errors.push(required(path.child('containerName')));
  else if (!resource) errors.push(required(path.child('resource')));
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePageField(resource)) {
    errors.push(notSupported(path.child('resource'), resource, RESOURCE_FIELDS));
  }
  const divisor = parseQuantity(reference.divisor || '0');
  if (divisor.sign === 0) return;
  const wrong = wrongDivisor(resource, divisor.toString());
  if (wrong) errors.push(invalidValue(path.child('divisor'), resource, wrong));
}

const isHugePageField = (resource: string): boolean =>
  resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-');

function wrongDivisor(resource: string, divisor: string): string | undefined {
  const name = RESOURCE_FIELDS.includes(resource) ? resource.slice(resource.indexOf('.') + 1) : '';
  if (name === 'cpu') {
    if (divisor === '1m' || divisor === '1') return undefined;
    return "only divisor's values 1m and 1 are supported with the cpu resource";
  }
  const kind =
    name === 'memory'
      ? 'memory'
      : name === 'ephemeral-storage'
        ? 'local ephemeral storage'
        : isHugePageField(resource)
          ? 'hugepages'
          : undefined;
  if (kind === undefined || BYTE_DIVISORS.includes(divisor)) return undefined;
  return `only divisor's values ${BYTE_DIVISOR_TEXT} are supported with the ${kind} resource`;
}
