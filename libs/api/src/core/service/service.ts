import { nameIsDNSLabel } from '@pilothouse/apimachinery';
import type { Service } from '@pilothouse/api';
import type { KindBehaviour } from '../../kind.ts';
import { keepStored } from '../keep-stored.ts';
import { dropTypeDependentFields, keepAllocatedValues, normalizeClusterIps } from './allocated-fields.ts';
import { defaultService } from './default-service.ts';
import { serviceColumns } from './service-columns.ts';
import { serviceWarnings } from './service-warnings.ts';
import { validateService } from './validate-service.ts';
import { validateServiceStatusUpdate, validateServiceUpdate } from './validate-service-update.ts';

export const service: KindBehaviour<Service> = {
  group: '',
  kind: 'Service',
  storagePrefix: 'services/specs',
  defaults: defaultService,
  columns: serviceColumns,
  strategy: {
    prepareForCreate: (next: Service) => {
      next.status = { loadBalancer: {} };
      normalizeClusterIps((next.spec ??= {}));
    },
    prepareForUpdate: (next: Service, old: Service) => {
      keepStored(next, old, 'status');
      const spec = (next.spec ??= {});
      keepAllocatedValues(spec, old.spec ?? {});
      normalizeClusterIps(spec, old.spec ?? {});
      dropTypeDependentFields(spec, old.spec ?? {});
      // Taking a load balancer away takes its time, but is nobody's business.
      if (spec.type !== 'LoadBalancer' && next.status) next.status.loadBalancer = {};
    },
    validate: (next: Service) => validateService(next),
    validateUpdate: validateServiceUpdate,
    warnings: serviceWarnings,
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: true,
    // Relaxed from RFC 1035 in 1.36 (KEP-5311): a name may start with a digit.
    validateName: nameIsDNSLabel,
    selectableFields: {
      'metadata.name': ({ metadata }: Service) => metadata.name ?? '',
      'metadata.namespace': ({ metadata }: Service) => metadata.namespace ?? '',
      'spec.clusterIP': ({ spec }: Service) => spec?.clusterIP ?? '',
      'spec.type': ({ spec }: Service) => spec?.type ?? '',
    },
    exactFieldLabels: true,
    deleteReturnsObject: true,
  },
  subresources: {
    status: {
      strategy: {
        prepareForUpdate: (next: Service, old: Service) => keepStored(next, old, 'spec'),
        validateUpdate: validateServiceStatusUpdate,
      },
    },
  },
};
