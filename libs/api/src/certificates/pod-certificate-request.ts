import { deepEqual, fieldPath, invalidValue } from '@pilothouse/apimachinery';
import type { PodCertificateRequest } from '@pilothouse/api';
import { internalForm } from '../meta/internal-form.ts';
import { keepStored } from '../core/keep-stored.ts';
import type { KindBehaviour } from '../kind.ts';
import { column, labelsCell, nameColumn } from '../printing/index.ts';
import { validateIssuedStatus } from './validate-issued-status.ts';
import { validatePodRequest } from './validate-pod-request.ts';

type Request = PodCertificateRequest;

const OUTCOMES = ['Issued', 'Denied', 'Failed'];

/** A kubelet's request for a certificate that one of its pods is to have (KEP-4317). */
export const podCertificateRequest: KindBehaviour<Request> = {
  group: 'certificates.k8s.io',
  kind: 'PodCertificateRequest',
  columns: [
    nameColumn,
    column<Request>('PodName', ({ spec }) => spec.podName),
    column<Request>('ServiceAccountName', ({ spec }) => spec.serviceAccountName),
    column<Request>('NodeName', ({ spec }) => spec.nodeName),
    column<Request>('SignerName', ({ spec }) => spec.signerName),
    column<Request>(
      'State',
      ({ status }) => status?.conditions?.findLast(({ type }) => OUTCOMES.includes(type))?.type ?? 'Pending',
    ),
    column<Request>('UnverifiedUserAnnotations', ({ spec }) => labelsCell(spec.unverifiedUserAnnotations)),
  ],
  strategy: {
    validate: validatePodRequest,
    validateUpdate: ({ spec }: Request, old: Request) =>
      deepEqual(spec, old.spec)
        ? []
        : [
            invalidValue(
              fieldPath('spec'),
              internalForm('certificates.v1beta1.PodCertificateRequestSpec', spec),
              'field is immutable',
            ),
          ],
    allowUnconditionalUpdate: false,
    selectableFields: {
      'metadata.name': ({ metadata }: Request) => metadata.name ?? '',
      'spec.signerName': ({ spec }: Request) => spec.signerName,
      'spec.podName': ({ spec }: Request) => spec.podName,
      'spec.nodeName': ({ spec }: Request) => spec.nodeName,
    },
    exactFieldLabels: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Request, old: Request) => {
          keepStored(next, old, 'spec');
          keepStored(next.metadata, old.metadata, 'labels', 'annotations', 'finalizers', 'ownerReferences');
        },
        validateUpdate: validateIssuedStatus,
      },
    },
  },
};
