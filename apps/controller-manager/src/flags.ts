import { flag } from '@pilothouse/component';
import { SYNC_FLAGS } from './sync-flags.ts';

/** Upstream's flags, with upstream's names and defaults. */
export const FLAGS = {
  ...SYNC_FLAGS,
  kubeconfig: flag.string({ description: 'Path to the kubeconfig with the address and credentials of the apiserver.' }),
  controllers: flag.list({
    default: ['*'],
    description: "Controllers to run: '*' all that are on by default, 'foo' also foo, '-foo' all but foo.",
  }),
  'leader-elect': flag.bool({ default: true, description: 'Run the controllers only while holding the lease.' }),
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
  'leader-elect-resource-name': flag.string({ default: 'kube-controller-manager', description: 'Name of the Lease.' }),
  'leader-elect-resource-namespace': flag.string({ default: 'kube-system', description: 'Namespace of the Lease.' }),
  'root-ca-file': flag.string({
    description: 'Certificate authority to publish in each namespace; the kubeconfig’s by default.',
  }),
  'cluster-signing-cert-file': flag.string({ description: 'Certificate authority that signs certificate requests.' }),
  'cluster-signing-key-file': flag.string({ description: 'Key of that authority.' }),
  'cluster-signing-duration': flag.duration({
    default: 365 * 24 * 3_600_000,
    description: 'The longest life of a signed certificate; a request may ask for less.',
  }),
  'service-account-private-key-file': flag.string({ description: 'Key that signs service account tokens.' }),
  'use-service-account-credentials': flag.bool({
    description: 'Let each controller act as a service account of its own in kube-system.',
  }),
  'node-monitor-period': flag.duration({ default: 5_000, description: 'How often node health is looked at.' }),
  'node-monitor-grace-period': flag.duration({
    default: 50_000,
    description: 'How long a silent node counts as healthy.',
  }),
  'node-startup-grace-period': flag.duration({
    default: 60_000,
    description: 'The same for a node that has just started.',
  }),
  'node-eviction-rate': flag.float({
    default: 0.1,
    description: 'Nodes per second whose pods are evicted when they fail, in a zone that is healthy.',
  }),
  'secondary-node-eviction-rate': flag.float({
    default: 0.01,
    description: 'The same in a large zone that is unhealthy; 0 in a smaller one.',
  }),
  'unhealthy-zone-threshold': flag.float({
    default: 0.55,
    description: 'Share of nodes (at least 3) that are not ready from which on a zone is unhealthy.',
  }),
  'large-cluster-size-threshold': flag.int({
    default: 50,
    description: 'Number of nodes above which a zone is large.',
  }),
  'terminated-pod-gc-threshold': flag.int({
    default: 12_500,
    description: 'How many finished pods may exist; 0 means any number.',
  }),
  'legacy-service-account-token-clean-up-period': flag.duration({
    default: 8760 * 3_600_000,
    description: 'How long a generated token in a Secret may go unused before it is made invalid, and then deleted.',
  }),
  'allocate-node-cidrs': flag.bool({ description: 'Give each node a part of --cluster-cidr for its pods.' }),
  'cluster-cidr': flag.string({ default: '10.244.0.0/16', description: 'Addresses of pods.' }),
  'node-cidr-mask-size': flag.int({ default: 24, description: 'Size of the part that each node gets.' }),
  'horizontal-pod-autoscaler-sync-period': flag.duration({
    default: 15_000,
    description: 'How often the number of replicas is looked at.',
  }),
  'horizontal-pod-autoscaler-downscale-stabilization': flag.duration({
    default: 300_000,
    description: 'How long a higher recommendation keeps pods from being taken away.',
  }),
  'horizontal-pod-autoscaler-tolerance': flag.float({
    default: 0.1,
    description: 'How far from 1 the ratio of usage to target may be without scaling.',
  }),
  'horizontal-pod-autoscaler-cpu-initialization-period': flag.duration({
    default: 300_000,
    description: 'For how long after its start the CPU of a pod may be left out.',
  }),
  'horizontal-pod-autoscaler-initial-readiness-delay': flag.duration({
    default: 30_000,
    description: 'How soon after its start a pod that is not ready counts as never ready.',
  }),
  'kube-api-content-type': flag.string({
    default: 'application/vnd.kubernetes.protobuf',
    description: 'How objects are sent to the apiserver.',
  }),
};
