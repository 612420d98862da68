import { apiOperations } from '../api-operations.ts';
import { template } from './workloads.ts';

apiOperations('cron jobs support every API operation', {
  group: 'batch',
  version: 'v1',
  resource: 'cronjobs',
  namespaced: true,
  object: () => ({
    spec: {
      schedule: '* */1 * * ?',
      suspend: true,
      jobTemplate: { spec: { template: template('a', 'true', 'OnFailure') } },
    },
  }),
  status: { lastScheduleTime: '2026-01-01T00:00:00Z' },
});

apiOperations('jobs support every API operation', {
  group: 'batch',
  version: 'v1',
  resource: 'jobs',
  namespaced: true,
  object: () => ({ spec: { suspend: true, template: { spec: template('a', 'true', 'OnFailure').spec } } }),
});

apiOperations('pod disruption budgets support every API operation', {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  namespaced: true,
  object: () => ({ spec: { minAvailable: 2, selector: { matchLabels: { foo: 'bar' } } } }),
  change: (budget) => (budget.spec.minAvailable = 3),
});

apiOperations('controller revisions support every API operation', {
  group: 'apps',
  version: 'v1',
  resource: 'controllerrevisions',
  namespaced: true,
  object: () => ({ revision: 1, data: { spec: { a: 1 } } }),
  change: (revision) => (revision.revision = 2),
});

for (const resource of ['replicasets', 'statefulsets', 'deployments']) {
  apiOperations(`${resource} support every API operation`, {
    group: 'apps',
    version: 'v1',
    resource,
    namespaced: true,
    object: (name) => ({
      metadata: {},
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: template(name, 'sleep 1000'),
        ...(resource === 'statefulsets' ? { serviceName: 'none' } : {}),
      },
    }),
    subresources: ['scale'],
  });
}

apiOperations('horizontal pod autoscalers support every API operation', {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  namespaced: true,
  object: () => ({
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
  }),
});

apiOperations('replication controllers support every API operation', {
  group: '',
  version: 'v1',
  resource: 'replicationcontrollers',
  namespaced: true,
  object: (name) => ({ spec: { replicas: 0, selector: { app: name }, template: template(name, 'sleep 1000') } }),
  subresources: ['scale'],
});
