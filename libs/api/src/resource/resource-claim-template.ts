import {
  type FieldError,
  fieldPath,
  validateAnnotations,
  validateImmutableField,
  validateLabels,
} from '@pilothouse/apimachinery';
import type { ResourceClaimTemplate, resourceV1beta1, ValidationContext } from '@pilothouse/api';
import type { KindBehaviour } from '../kind.ts';
import { ageColumn, nameColumn } from '../printing/index.ts';
import { claimFromV1beta1, claimToV1beta1, defaultV1beta1Claim } from './convert-v1beta1.ts';
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts';

const SPEC = fieldPath('spec');
const METADATA = SPEC.child('metadata');

/** What the claims of pods that each need their own are made from. */
export const resourceClaimTemplate: KindBehaviour<ResourceClaimTemplate> = {
  group: 'resource.k8s.io',
  kind: 'ResourceClaimTemplate',
  defaults: ({ spec }) => defaultDeviceClaim(spec?.spec?.devices),
  columns: [nameColumn, ageColumn],
  strategy: {
    validate: validateTemplate,
    validateUpdate: (next: ResourceClaimTemplate, old: ResourceClaimTemplate) =>
      validateImmutableField(next.spec, old.spec, SPEC),
    allowUnconditionalUpdate: true,
    deleteReturnsObject: true,
  },
  versions: {
    v1beta1: {
      defaults: ({ spec }) =>
        defaultV1beta1Claim(spec?.spec?.devices as unknown as resourceV1beta1.DeviceClaim | undefined),
      toStorage: (each: resourceV1beta1.ResourceClaimTemplate) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1',
        spec: { ...each.spec, spec: { ...each.spec?.spec, devices: claimFromV1beta1(each.spec?.spec?.devices) } },
      }),
      fromStorage: (each: ResourceClaimTemplate) => ({
        ...each,
        apiVersion: 'resource.k8s.io/v1beta1',
        spec: { ...each.spec, spec: { ...each.spec?.spec, devices: claimToV1beta1(each.spec?.spec?.devices) } },
      }),
    },
  },
};

function validateTemplate({ spec }: ResourceClaimTemplate, { expressions }: ValidationContext): FieldError[] {
  const errors = [
    ...validateAnnotations(spec.metadata?.annotations, METADATA.child('annotations')),
    ...validateLabels(spec.metadata?.labels, METADATA.child('labels')),
  ];
  validateDeviceClaim(spec.spec.devices, SPEC.child('spec', 'devices'), errors, expressions);
  return errors;
}
