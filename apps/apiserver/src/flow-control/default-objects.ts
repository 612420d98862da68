import {
  MANDATORY_FLOW_SCHEMAS,
  MANDATORY_PRIORITY_LEVELS,
  type FlowSchemaSpec,
  type PriorityLevelConfigurationSpec,
} from '@pilothouse/api';

function queued(
  shares: number,
  lendablePercent: number,
  queues: number,
  handSize: number,
): PriorityLevelConfigurationSpec {
  const queuing = { queues, handSize, queueLengthLimit: 50 };
  const limited = { nominalConcurrencyShares: shares, lendablePercent, limitResponse: { type: 'Queue', queuing } };
  return { type: 'Limited', limited } as PriorityLevelConfigurationSpec;
}

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#suggested-configuration-objects */
const SUGGESTED_PRIORITY_LEVELS: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: queued(30, 33, 64, 6),
  'node-high': queued(40, 25, 64, 6),
  'leader-election': queued(10, 0, 16, 4),
  'workload-high': queued(40, 50, 128, 6),
  'workload-low': queued(100, 90, 128, 6),
  'global-default': queued(20, 50, 128, 6),
};

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];
type Subject = NonNullable<Rule['subjects']>[number];

const group = (name: string): Subject => ({ kind: 'Group', group: { name } }) as Subject;
const user = (name: string): Subject => ({ kind: 'User', user: { name } }) as Subject;
const account = (namespace: string, name: string): Subject =>
  ({ kind: 'ServiceAccount', serviceAccount: { namespace, name } }) as Subject;

const EVERYBODY = [group('system:unauthenticated'), group('system:authenticated')];
const EVERY_RESOURCE = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
const EVERY_URL = { verbs: ['*'], nonResourceURLs: ['*'] };
const anything = (subjects: Subject[]): Rule =>
  ({ subjects, resourceRules: [EVERY_RESOURCE], nonResourceRules: [EVERY_URL] }) as Rule;
const leases = (subjects: Subject[], namespace: string): Rule => {
  const rule = {
    verbs: ['get', 'create', 'update'],
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    namespaces: [namespace],
  };
  return { subjects, resourceRules: [rule] } as Rule;
};

const NODES = [group('system:nodes')];
const COMPONENTS = [user('system:kube-controller-manager'), user('system:kube-scheduler')];
const SYSTEM_ACCOUNTS = [account('kube-system', '*')];

interface Schema {
  readonly name: string;
  readonly level: string;
  /** Lower numbers are asked first. */
  readonly precedence: number;
  readonly flowsBy?: 'ByUser' | 'ByNamespace';
  readonly rules: readonly Rule[];
}

const SUGGESTED_FLOW_SCHEMAS: readonly Schema[] = [
  {
    name: 'probes',
    level: 'exempt',
    precedence: 2,
    rules: [
      {
        subjects: EVERYBODY,
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
      } as Rule,
    ],
  },
  {
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    flowsBy: 'ByUser',
    rules: [leases([...COMPONENTS, ...SYSTEM_ACCOUNTS], 'kube-system')],
  },
  {
    name: 'endpoint-controller',
    level: 'workload-high',
    precedence: 150,
    flowsBy: 'ByUser',
    rules: [
      {
        subjects: [
          user('system:kube-controller-manager'),
          account('kube-system', 'endpoint-controller'),
          account('kube-system', 'endpointslicemirroring-controller'),
        ],
        resourceRules: [
          { verbs: ['get', 'create', 'update'], apiGroups: [''], resources: ['endpoints'], namespaces: ['*'] },
        ],
      } as Rule,
    ],
  },
  {
    name: 'workload-leader-election',
    level: 'leader-election',
    precedence: 200,
    flowsBy: 'ByUser',
    rules: [leases(SYSTEM_ACCOUNTS, '*')],
  },
  {
    name: 'system-node-high',
    level: 'node-high',
    precedence: 400,
    flowsBy: 'ByUser',
    rules: [
      {
        subjects: NODES,
        resourceRules: [
          {
            verbs: ['*'],
            apiGroups: [''],
            resources: ['nodes', 'nodes/status'],
            clusterScope: true,
            namespaces: ['*'],
          },
          { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
        ],
      } as Rule,
    ],
  },
  { name: 'system-nodes', level: 'system', precedence: 500, flowsBy: 'ByUser', rules: [anything(NODES)] },
  {
    name: 'kube-controller-manager',
    level: 'workload-high',
    precedence: 800,
    flowsBy: 'ByNamespace',
    rules: [anything([COMPONENTS[0]!])],
  },
  {
    name: 'kube-scheduler',
    level: 'workload-high',
    precedence: 800,
    flowsBy: 'ByNamespace',
    rules: [anything([COMPONENTS[1]!])],
  },
  {
    name: 'kube-system-service-accounts',
    level: 'workload-high',
    precedence: 900,
    flowsBy: 'ByNamespace',
    rules: [anything(SYSTEM_ACCOUNTS)],
  },
  {
    name: 'service-accounts',
    level: 'workload-low',
    precedence: 9000,
    flowsBy: 'ByUser',
    rules: [anything([group('system:serviceaccounts')])],
  },
  {
    name: 'global-default',
    level: 'global-default',
    precedence: 9900,
    flowsBy: 'ByUser',
    rules: [anything(EVERYBODY)],
  },
];

/** An object that every cluster has, or should have to begin with. */
export interface DefaultObject {
  readonly name: string;
  readonly spec: FlowSchemaSpec | PriorityLevelConfigurationSpec;
  /** Changes to it are always undone. */
  readonly mandatory: boolean;
}

export const DEFAULT_PRIORITY_LEVELS: readonly DefaultObject[] = [
  ...Object.entries(MANDATORY_PRIORITY_LEVELS).map(([name, spec]) => ({ name, spec, mandatory: true })),
  ...Object.entries(SUGGESTED_PRIORITY_LEVELS).map(([name, spec]) => ({ name, spec, mandatory: false })),
];

export const DEFAULT_FLOW_SCHEMAS: readonly DefaultObject[] = [
  ...Object.entries(MANDATORY_FLOW_SCHEMAS).map(([name, spec]) => ({ name, spec, mandatory: true })),
  ...SUGGESTED_FLOW_SCHEMAS.map((each) => ({ name: each.name, spec: specOf(each), mandatory: false })),
];

function specOf({ level, precedence, flowsBy, rules }: Schema): FlowSchemaSpec {
  return {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: precedence,
    ...(flowsBy ? { distinguisherMethod: { type: flowsBy } } : {}),
    rules: [...rules],
  };
}
