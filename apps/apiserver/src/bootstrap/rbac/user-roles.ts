import type { PolicyRule } from '../../authorization/rule-resolver.ts';
import { READ, rule, urlRule, WRITE } from './rule.ts';

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles */
const VIEW: readonly PolicyRule[] = [
  rule(
    READ,
    'core',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
  ),
  rule(
    READ,
    'core',
    'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
  ),
  rule(READ, 'core', 'namespaces'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(
    READ,
    'apps',
    'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
  ),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'),
  rule(
    READ,
    'extensions',
    'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
  ),
  rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'),
  rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
];

const EDIT: readonly PolicyRule[] = [
  rule(READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'),
  rule('create', 'core', 'pods/eviction'),
  rule(
    WRITE,
    'core',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
  ),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(
    WRITE,
    'apps',
    'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
  ),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'cronjobs jobs'),
  rule(
    WRITE,
    'extensions',
    'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
  ),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'ingresses networkpolicies'),
  rule('create delete deletecollection get list patch update watch', 'coordination.k8s.io', 'leases'),
  rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
];

const ADMIN: readonly PolicyRule[] = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule('create delete deletecollection get list patch update watch', 'rbac.authorization.k8s.io', 'rolebindings roles'),
];

const HEALTH = '/healthz /livez /readyz /version /version/';
const DISCOVERY = `${HEALTH} /api /api/* /apis /apis/* /openapi /openapi/*`;

/** Roles for people, by name. Those with `aggregates` take in every role that carries the label. */
export const USER_ROLES: readonly {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Labels `rbac.authorization.k8s.io/aggregate-to-<each>: "true"`. */
  readonly aggregateTo?: readonly string[];
  readonly aggregates?: string;
}[] = [
  { name: 'cluster-admin', rules: [rule('*', '*', '*'), urlRule('*', '*')] },
  { name: 'system:discovery', rules: [urlRule('get', DISCOVERY)] },
  {
    name: 'system:monitoring',
    rules: [urlRule('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
  },
  {
    name: 'system:basic-user',
    rules: [
      rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
      rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  { name: 'system:public-info-viewer', rules: [urlRule('get', HEALTH)] },
  { name: 'admin', rules: [...ADMIN, ...EDIT, ...VIEW], aggregates: 'admin' },
  { name: 'edit', rules: [...EDIT, ...VIEW], aggregates: 'edit', aggregateTo: ['admin'] },
  { name: 'view', rules: VIEW, aggregates: 'view', aggregateTo: ['edit'] },
  { name: 'system:aggregate-to-admin', rules: ADMIN, aggregateTo: ['admin'] },
  { name: 'system:aggregate-to-edit', rules: EDIT, aggregateTo: ['edit'] },
  { name: 'system:aggregate-to-view', rules: VIEW, aggregateTo: ['view'] },
  // As the metrics server's own manifests have it.
  {
    name: 'system:aggregated-metrics-reader',
    rules: [rule(READ, 'metrics.k8s.io', 'nodes pods')],
    aggregateTo: ['view', 'edit', 'admin'],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      urlRule(
        'get',
        '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
      ),
    ],
  },
];
