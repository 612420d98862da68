import {
  type FieldError,
  fieldPath,
  forbiddenField,
  isDomainPrefixedPath,
  nameIsDNSLabel,
  notSupported,
  required,
  tooLong,
  validateImmutableField,
} from '@pilothouse/apimachinery';
import type { IngressClass, IngressClassParametersReference } from '@pilothouse/api';
import { pushInvalid } from '../core/validation/push-invalid.ts';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, column, nameColumn, NONE } from '../printing/index.ts';
import { validateTypedReference } from './typed-reference.ts';

const SPEC = fieldPath('spec');
const PARAMETERS = SPEC.child('parameters');
const SCOPES = ['Cluster', 'Namespace'];
const MAX_CONTROLLER = 250;

export const ingressClass: KindBehaviour<IngressClass> = {
  group: 'networking.k8s.io',
  kind: 'IngressClass',
  defaults: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  columns: [
    nameColumn,
    column<IngressClass>('Controller', ({ spec }) => spec.controller ?? ''),
    column<IngressClass>('Parameters', ({ spec: { parameters } }) => {
      if (!parameters) return NONE;
      const { apiGroup, kind, name } = parameters;
      return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
    }),
    ageColumn,
  ],
  strategy: {
    validate: validateClass,
    validateUpdate: (next: IngressClass, old: IngressClass) => [
      ...validateImmutableField(next.spec.controller ?? '', old.spec.controller ?? '', SPEC.child('controller')),
      ...validateClass(next),
    ],
    updateChecks: ['metadataUpdate', 'update', 'metadata'],
    tracksGeneration: true,
  },
};

function validateClass({ spec: { controller = '', parameters } }: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  if (controller.length > MAX_CONTROLLER) errors.push(tooLong(SPEC.child('controller'), MAX_CONTROLLER));
  errors.push(...isDomainPrefixedPath(SPEC.child('controller'), controller));
  if (parameters) validateParameters(parameters, errors);
  return errors;
}

function validateParameters(parameters: IngressClassParametersReference, errors: FieldError[]): void {
  const { scope, namespace } = parameters;
  const at = PARAMETERS.child('namespace');
  validateTypedReference(parameters, PARAMETERS, errors);
  if (scope === undefined || scope === null) errors.push(required(PARAMETERS.child('scope')));
  else if (!SCOPES.includes(scope)) errors.push(notSupported(PARAMETERS.child('scope'), scope, SCOPES));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(forbiddenField(at, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) errors.push(required(at, "`parameters.scope` is set to 'Namespace'"));
  else pushInvalid(errors, at, namespace, nameIsDNSLabel(namespace, false));
}
