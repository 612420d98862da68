import { apiOperations } from '../api-operations.ts';

const FLOW_CONTROL = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1' };
const ADMISSION = { group: 'admissionregistration.k8s.io', version: 'v1' };
const CONDITION = {
  type: 'Story',
  status: 'True',
  reason: 'Told',
  message: 'm',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};
const NO_RESOURCES = [
  { apiGroups: ['absent.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] },
];

apiOperations('flow schemas support every API operation', {
  ...FLOW_CONTROL,
  resource: 'flowschemas',
  object: () => ({
    spec: {
      matchingPrecedence: 10_000,
      priorityLevelConfiguration: { name: 'global-default' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    },
  }),
  change: (schema) => (schema.spec.matchingPrecedence = 9_999),
  status: { conditions: [CONDITION] },
});

apiOperations('priority level configurations support every API operation', {
  ...FLOW_CONTROL,
  resource: 'prioritylevelconfigurations',
  object: () => ({
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } } },
  }),
  change: (level) => (level.spec.limited.nominalConcurrencyShares = 4),
  status: { conditions: [CONDITION] },
});

apiOperations('validating admission policies support every API operation', {
  ...ADMISSION,
  resource: 'validatingadmissionpolicies',
  object: () => ({
    spec: {
      matchConstraints: { resourceRules: NO_RESOURCES },
      validations: [{ expression: 'object.spec.replicas > 1' }],
    },
  }),
  status: { conditions: [CONDITION] },
});

apiOperations('validating admission policy bindings support every API operation', {
  ...ADMISSION,
  resource: 'validatingadmissionpolicybindings',
  object: () => ({ spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] } }),
});

apiOperations('mutating admission policies support every API operation', {
  ...ADMISSION,
  resource: 'mutatingadmissionpolicies',
  object: () => ({
    spec: {
      matchConstraints: { resourceRules: NO_RESOURCES },
      reinvocationPolicy: 'Never',
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{metadata: Object.metadata{annotations: {"my-foo": "x"}}}' },
        },
      ],
    },
  }),
});

apiOperations('mutating admission policy bindings support every API operation', {
  ...ADMISSION,
  resource: 'mutatingadmissionpolicybindings',
  object: () => ({ spec: { policyName: 'mutate.example.com' } }),
});

for (const kind of ['mutating', 'validating']) {
  apiOperations(`${kind} webhook configurations support every API operation`, {
    ...ADMISSION,
    resource: `${kind}webhookconfigurations`,
    object: () => ({
      webhooks: [
        {
          name: 'never.example.com',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          rules: NO_RESOURCES,
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }),
  });
}
