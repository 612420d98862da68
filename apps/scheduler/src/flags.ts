import { flag } from '@pilothouse/component';

/** Upstream's flags, with upstream's names and defaults. */
export const FLAGS = {
  kubeconfig: flag.string({ description: 'Path to the kubeconfig with the address and credentials of the apiserver.' }),
  config: flag.string({ description: 'Path to a KubeSchedulerConfiguration; what it says goes before other flags.' }),
  master: flag.string({ description: 'Address of the apiserver; overrides the one in the kubeconfig.', ignored: true }),
  'leader-elect': flag.bool({ default: true, description: 'Schedule only while holding the lease.' }),
  'leader-elect-lease-duration': flag.duration({
    default: 15_000,
    description: 'How long others wait after the last renewal.',
  }),
  'leader-elect-renew-deadline': flag.duration({
    default: 10_000,
    description: 'How long to try to renew before giving up.',
  }),
  'leader-elect-retry-period': flag.duration({
    default: 2_000,
    description: 'Pause between tries to get or renew the lease.',
  }),
  'leader-elect-resource-lock': flag.string({ default: 'leases', description: 'Only "leases" is supported.' }),
  'leader-elect-resource-name': flag.string({ default: 'kube-scheduler', description: 'Name of the Lease.' }),
  'leader-elect-resource-namespace': flag.string({ default: 'kube-system', description: 'Namespace of the Lease.' }),
  'kube-api-content-type': flag.string({
    default: 'application/vnd.kubernetes.protobuf',
    description: 'How objects are sent to the apiserver.',
  }),
  'kube-api-qps': flag.float({ default: 0, description: 'Requests per second to the apiserver; 0 sets no limit.' }),
  'kube-api-burst': flag.int({ default: 0, description: 'How many of them may come at once.' }),
  'authentication-kubeconfig': flag.string({ description: 'Kubeconfig for token reviews.', ignored: true }),
  'authorization-kubeconfig': flag.string({ description: 'Kubeconfig for access reviews.', ignored: true }),
  profiling: flag.bool({ default: true, description: 'Serve profiles at /debug/pprof.', ignored: true }),
};
