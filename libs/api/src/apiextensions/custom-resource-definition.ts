import type { KindBehaviour } from '../kind.ts';
import type { CustomResourceDefinition } from '../generated/types.ts';
import { createdAtColumn, nameColumn } from '../printing/index.ts';
import { crdWarnings } from './crd-warnings.ts';
import {
  validateCustomResourceDefinition,
  validateCustomResourceDefinitionStatusUpdate,
  validateCustomResourceDefinitionUpdate,
} from './validate-custom-resource-definition.ts';

const DEFAULT_WEBHOOK_PORT = 443;

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
export const customResourceDefinition: KindBehaviour<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  columns: [nameColumn, createdAtColumn],
  defaults(crd) {
    const { names } = crd.spec;
    if (!names.singular) names.singular = names.kind.toLowerCase();
    if (!names.listKind && names.kind) names.listKind = `${names.kind}List`;
    crd.spec.conversion ??= { strategy: 'None' };
    const service = crd.spec.conversion.webhook?.clientConfig?.service;
    if (service && service.port === undefined) service.port = DEFAULT_WEBHOOK_PORT;
    if (crd.status && !crd.status.storedVersions?.length) crd.status.storedVersions = storageVersions(crd);
  },
  strategy: {
    prepareForCreate(crd: CustomResourceDefinition) {
      const [storage] = storageVersions(crd);
      crd.status = {
        conditions: null,
        acceptedNames: { plural: '', kind: '' },
        storedVersions: storage === undefined ? null : [storage],
      };
    },
    prepareForUpdate(crd: CustomResourceDefinition) {
      const stored = crd.status?.storedVersions ?? [];
      const [storage] = storageVersions(crd);
      if (crd.status && storage !== undefined && !stored.includes(storage))
        crd.status = { ...crd.status, storedVersions: [...stored, storage] };
    },
    // The CEL rules are judged too where the expression language is known.
    validate: (crd: CustomResourceDefinition) => validateCustomResourceDefinition(crd),
    validateUpdate: (crd: CustomResourceDefinition, old: CustomResourceDefinition) =>
      validateCustomResourceDefinitionUpdate(crd, old),
    warnings: crdWarnings,
    allowUnconditionalUpdate: false,
    tracksGeneration: true,
  },
  subresources: { status: { strategy: { validateUpdate: validateCustomResourceDefinitionStatusUpdate } } },
};

function storageVersions({ spec }: CustomResourceDefinition): string[] {
  return (spec.versions ?? []).filter((version) => version.storage).map((version) => version.name);
}
