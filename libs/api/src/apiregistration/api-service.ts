import {
  type FieldError,
  fieldPath,
  invalidValue,
  isDNS1035Label,
  isDNS1123Subdomain,
  isPathSegmentName,
  isValidPortNum,
  notSupported,
  type RequestContext,
  required,
} from '@pilothouse/apimachinery';
import type { APIService } from '@pilothouse/api';
import { base64ByteLength } from '../core/validation/data-size.ts';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { keepStored } from '../core/keep-stored.ts';
import { ageColumn, column, nameColumn } from '../printing/index.ts';

const SPEC = fieldPath('spec');
const SERVICE = SPEC.child('service');
const STATUSES = ['True', 'False', 'Unknown'];
const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;

/** Who serves a group and version: this server, or a service behind it. */
export const apiService: KindBehaviour<APIService> = {
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  storagePrefix: 'apiregistration.k8s.io/apiservices',
  defaults: ({ spec }) => {
    if (spec?.service) spec.service.port ??= 443;
  },
  columns: [
    nameColumn,
    column<APIService>('Service', ({ spec: { service } }) =>
      service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local',
    ),
    column<APIService>('Available', availableCell),
    ageColumn,
  ],
  strategy: {
    prepareForCreate: prepareForCreate,
    validate: validateService,
    validateUpdate: validateService,
    validateName: (name) => isPathSegmentName(name),
    allowUnconditionalUpdate: false,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: APIService, old: APIService) => {
          keepStored(next, old, 'spec');
          keepStored(next.metadata, old.metadata, 'labels', 'annotations', 'finalizers', 'ownerReferences');
        },
        validateUpdate: validateStatus,
      },
    },
  },
};

function prepareForCreate(each: APIService, { now }: RequestContext): void {
  if (each.spec.service) return;
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
  each.status = { conditions: [condition] };
}

function availableCell({ status }: APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status !== 'True' && condition.reason
    ? `${condition.status} (${condition.reason})`
    : condition.status;
}

function validateService({ metadata, spec }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  const { group = '', version = '', groupPriorityMinimum: groupPriority, versionPriority } = spec;
  const name = metadata.name ?? '';
  const expected = `${version}.${group}`;
  if (isPathSegmentName(name).length === 0 && name !== expected) {
    errors.push(
      invalidValue(
        fieldPath('metadata', 'name'),
        name,
        `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`,
      ),
    );
  }
  if (group) pushInvalid(errors, SPEC.child('group'), group, isDNS1123Subdomain(group));
  else if (version !== 'v1')
    errors.push(required(SPEC.child('group'), 'only v1 may have an empty group and it better be legacy kube'));
  pushInvalid(errors, SPEC.child('version'), version, isDNS1035Label(version));
  if (groupPriority <= 0 || groupPriority > MAX_GROUP_PRIORITY) {
    errors.push(
      invalidValue(
        SPEC.child('groupPriorityMinimum'),
        groupPriority,
        `must be positive and less than ${MAX_GROUP_PRIORITY}`,
      ),
    );
  }
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) {
    errors.push(
      invalidValue(
        SPEC.child('versionPriority'),
        versionPriority,
        `must be positive and less than ${MAX_VERSION_PRIORITY}`,
      ),
    );
  }
  validateBackend(spec, errors);
  return errors;
}

function validateBackend(
  { service, caBundle = '', insecureSkipTLSVerify = false }: APIService['spec'],
  errors: FieldError[],
): void {
  const skip = SPEC.child('insecureSkipTLSVerify');
  if (!service) {
    if (caBundle)
      errors.push(
        invalidValue(
          SPEC.child('caBundle'),
          `${base64ByteLength(caBundle)} bytes`,
          'local APIServices may not have a caBundle',
        ),
      );
    if (insecureSkipTLSVerify)
      errors.push(invalidValue(skip, true, 'local APIServices may not have insecureSkipTLSVerify'));
    return;
  }
  if (!service.namespace) errors.push(required(SERVICE.child('namespace')));
  if (!service.name) errors.push(required(SERVICE.child('name')));
  const problems = isValidPortNum(service.port ?? 0);
  if (problems.length > 0)
    errors.push(invalidValue(SERVICE.child('port'), service.port ?? 0, `port is not valid: ${problems.join(', ')}`));
  if (insecureSkipTLSVerify && caBundle)
    errors.push(invalidValue(skip, true, 'may not be true if caBundle is present'));
}

function validateStatus({ status }: APIService): FieldError[] {
  const errors: FieldError[] = [];
  status?.conditions?.forEach((condition, index) => {
    const at = fieldPath('status', 'conditions').index(index).child('status');
    if (!STATUSES.includes(condition.status)) errors.push(notSupported(at, condition.status, STATUSES));
  });
  return errors;
}
