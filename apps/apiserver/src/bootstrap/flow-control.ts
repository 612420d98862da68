import type {
  FlowSchema,
  FlowSchemaSpec,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '@pilothouse/api';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { Resources } from '../registry/resources.ts';
import { ensureObject } from './ensure-object.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const AUTO_UPDATE = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

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

/** https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#default-objects */
const PRIORITY_LEVELS: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  },
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

const FLOW_SCHEMAS: readonly Schema[] = [
  { name: 'exempt', level: 'exempt', precedence: 1, rules: [anything([group('system:masters')])] },
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
  { name: 'catch-all', level: 'catch-all', precedence: 10_000, flowsBy: 'ByUser', rules: [anything(EVERYBODY)] },
];

export async function ensureFlowControl(resources: Resources, now: Date): Promise<void> {
  const levels = resources.get(GROUP, 'prioritylevelconfigurations').registry;
  const schemas = resources.get(GROUP, 'flowschemas').registry;
  await Promise.all(
    Object.entries(PRIORITY_LEVELS).map(([name, spec]) => {
      const metadata = { name, annotations: AUTO_UPDATE };
      const level = {
        kind: 'PriorityLevelConfiguration',
        apiVersion: API_VERSION,
        metadata,
        spec: structuredClone(spec),
      };
      return ensureObject(levels, level as PriorityLevelConfiguration as KubeObject, now);
    }),
  );
  await Promise.all(FLOW_SCHEMAS.map((schema) => ensureObject(schemas, flowSchema(schema), now)));
}

function flowSchema({ name, level, precedence, flowsBy, rules }: Schema): KubeObject {
  const spec = {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: precedence,
    ...(flowsBy ? { distinguisherMethod: { type: flowsBy } } : {}),
    rules: structuredClone(rules),
  };
  const metadata = { name, annotations: AUTO_UPDATE };
  return { kind: 'FlowSchema', apiVersion: API_VERSION, metadata, spec } as unknown as FlowSchema as KubeObject;
}
