import type { PolicyRule } from '../../authorization/rule-resolver.ts';
import { EVENTS, READ, rule } from './rule.ts';

/** What a kubelet needs; given by the Node authorizer, not by a binding. */
export const NODE_RULES: readonly PolicyRule[] = [
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  rule(READ, 'core', 'services'),
  rule('create get list watch', 'core', 'nodes'),
  rule('patch update', 'core', 'nodes/status'),
  rule('patch update', 'core', 'nodes'),
  EVENTS,
  rule(READ, 'core', 'pods'),
  rule('create delete', 'core', 'pods'),
  rule('patch update', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(READ, 'core', 'configmaps secrets'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('get', 'core', 'endpoints'),
  rule('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'),
  rule('create delete get patch update', 'coordination.k8s.io', 'leases'),
  rule('get', 'storage.k8s.io', 'volumeattachments'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule('get patch update', 'core', 'persistentvolumeclaims/status'),
  rule(READ, 'storage.k8s.io', 'csidrivers'),
  rule('create delete get patch update', 'storage.k8s.io', 'csinodes'),
  rule(READ, 'node.k8s.io', 'runtimeclasses'),
  rule('get', 'core', 'serviceaccounts'),
  rule(READ, 'resource.k8s.io', 'resourceclaims'),
  rule('create delete deletecollection get list patch update watch', 'resource.k8s.io', 'resourceslices'),
  rule(READ, 'certificates.k8s.io', 'clustertrustbundles'),
];

const SCHEDULER: readonly PolicyRule[] = [
  EVENTS,
  rule('create get list watch', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  rule('create', 'coordination.k8s.io', 'leasecandidates'),
  rule('get list patch update watch', 'coordination.k8s.io', 'leasecandidates'),
  rule(READ, 'core', 'nodes'),
  rule('delete get list watch', 'core', 'pods'),
  rule('create', 'core', 'bindings pods/binding'),
  rule('patch update', 'core', 'pods/status'),
  rule(READ, 'core', 'replicationcontrollers services'),
  rule(READ, 'apps', 'replicasets statefulsets'),
  rule(READ, 'policy', 'poddisruptionbudgets'),
  rule(READ, 'core', 'persistentvolumeclaims persistentvolumes namespaces'),
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  rule(
    READ,
    'storage.k8s.io',
    'csidrivers csinodes csistoragecapacities storageclasses volumeattachments volumeattributesclasses',
  ),
  rule(READ, 'resource.k8s.io', 'deviceclasses devicetaintrules resourceclaims resourceslices'),
  rule('patch update', 'resource.k8s.io', 'resourceclaims resourceclaims/status'),
  rule('patch update', 'core', 'pods/finalizers'),
  rule(READ, 'scheduling.k8s.io', 'podgroups priorityclasses workloads'),
];

/** With its controllers under accounts of their own (`--use-service-account-credentials`). */
const CONTROLLER_MANAGER: readonly PolicyRule[] = [
  EVENTS,
  rule('create get list watch', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
  rule('create', 'coordination.k8s.io', 'leasecandidates'),
  rule('get list patch update watch', 'coordination.k8s.io', 'leasecandidates'),
  rule('create', 'core', 'secrets serviceaccounts'),
  rule('delete', 'core', 'secrets'),
  rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
  rule('update', 'core', 'secrets serviceaccounts'),
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  rule('list watch', '*', '*'),
  rule('create', 'core', 'serviceaccounts/token'),
];

/** Roles for processes, by name. */
export const COMPONENT_ROLES: readonly { readonly name: string; readonly rules: readonly PolicyRule[] }[] = [
  { name: 'system:node', rules: NODE_RULES },
  // Not upstream's: a process that plays many nodes. It reads for all of them, and writes as each (docs/deviations.md).
  {
    name: 'pilothouse:kubelet',
    rules: [...NODE_RULES, rule('impersonate', 'core', 'users'), rule('impersonate', 'core', 'groups', 'system:nodes')],
  },
  // Not upstream's either: our metrics server, and its registration where nobody else registers it.
  {
    name: 'pilothouse:metrics-server',
    rules: [
      rule(READ, 'core', 'nodes pods'),
      rule('get', 'core', 'nodes/metrics nodes/proxy nodes/stats'),
      rule('create', 'core', 'services'),
      rule('get update', 'core', 'services', 'metrics-server'),
      rule('create', 'apiregistration.k8s.io', 'apiservices'),
      rule('get update', 'apiregistration.k8s.io', 'apiservices', 'v1beta1.metrics.k8s.io'),
    ],
  },
  { name: 'system:kube-scheduler', rules: SCHEDULER },
  { name: 'system:kube-controller-manager', rules: CONTROLLER_MANAGER },
  {
    name: 'system:volume-scheduler',
    rules: [
      rule('get list patch update watch', 'core', 'persistentvolumes'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      rule('get list patch update watch', 'core', 'persistentvolumeclaims'),
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      rule('list watch', 'core', 'endpoints services'),
      rule(READ, 'core', 'nodes'),
      EVENTS,
      rule('list watch', 'discovery.k8s.io', 'endpointslices'),
      rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), EVENTS],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [rule('create get list watch', 'certificates.k8s.io', 'certificatesigningrequests')],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      rule(READ, 'core', 'nodes'),
      rule('proxy', 'core', 'nodes'),
      rule('*', 'core', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      rule('create', 'authentication.k8s.io', 'tokenreviews'),
      rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    ],
  },
  {
    name: 'system:kube-aggregator',
    rules: [rule(READ, 'core', 'endpoints services'), rule(READ, 'discovery.k8s.io', 'endpointslices')],
  },
  {
    name: 'system:kube-dns',
    rules: [rule('list watch', 'core', 'endpoints services'), rule('list watch', 'discovery.k8s.io', 'endpointslices')],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      rule('create delete get list watch', 'core', 'persistentvolumes'),
      rule('get list update watch', 'core', 'persistentvolumeclaims'),
      rule(READ, 'storage.k8s.io', 'storageclasses'),
      rule('watch', 'core', 'events'),
      EVENTS,
    ],
  },
  ...certificateRoles(),
];

function certificateRoles() {
  const prefix = 'system:certificates.k8s.io:certificatesigningrequests';
  const approver = (signer: string) => [rule('approve', 'certificates.k8s.io', 'signers', `kubernetes.io/${signer}`)];
  return [
    {
      name: `${prefix}:nodeclient`,
      rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient')],
    },
    {
      name: `${prefix}:selfnodeclient`,
      rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient')],
    },
    { name: 'system:certificates.k8s.io:kube-apiserver-client-approver', rules: approver('kube-apiserver-client') },
    {
      name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
      rules: approver('kube-apiserver-client-kubelet'),
    },
    { name: 'system:certificates.k8s.io:kubelet-serving-approver', rules: approver('kubelet-serving') },
    { name: 'system:certificates.k8s.io:legacy-unknown-approver', rules: approver('legacy-unknown') },
  ];
}

export const EXTENSION_READER = rule('get list watch', 'core', 'configmaps', 'extension-apiserver-authentication');
