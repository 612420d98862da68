import { flag } from '@pilothouse/component';

/** Upstream's flags with upstream's names and defaults, then those that only a simulated kubelet has. */
export const FLAGS = {
  kubeconfig: flag.string({ description: 'Path to the kubeconfig with the address and credentials of the apiserver.' }),
  'hostname-override': flag.string({ description: 'Name of the one node to play, instead of the name of this host.' }),
  'node-labels': flag.map({ description: 'Labels to add when registering a node.' }),
  'register-with-taints': flag.list({ description: 'Taints to register a node with, as key=value:effect.' }),
  'register-schedulable': flag.bool({ default: true, description: 'Register nodes as schedulable.' }),
  'node-ip': flag.list({
    description:
      'Address of the nodes; --address by default. An IPv4 range such as 127.0.1.0/24 gives each node its own.',
  }),
  'max-pods': flag.int({ default: 110, description: 'Number of pods that may run on a node.' }),
  'kube-reserved': flag.map({ description: 'Resources kept back for Kubernetes, as cpu=200m,memory=500Mi.' }),
  'system-reserved': flag.map({ description: 'Resources kept back for the system, as cpu=200m,memory=500Mi.' }),
  address: flag.string({ default: '0.0.0.0', description: 'Address on which the kubelet serves, for all its nodes.' }),
  port: flag.int({ default: 10250, description: 'Port on which the kubelet serves; 0 picks a free one.' }),
  'tls-cert-file': flag.string({ description: 'Server certificate; self-signed unless given.' }),
  'tls-private-key-file': flag.string({ description: 'Key of the server certificate.' }),
  'client-ca-file': flag.string({ description: 'Authority whose client certificates the kubelet accepts.' }),
  'anonymous-auth': flag.bool({
    description: 'Serve requests without a client certificate too: logs, exec and the mounted Secrets, to anybody.',
  }),
  'authorization-mode': flag.string({
    default: 'AlwaysAllow',
    description: 'AlwaysAllow, or Webhook to ask the apiserver whether the user may.',
  }),
  'kube-api-content-type': flag.string({
    default: 'application/vnd.kubernetes.protobuf',
    description: 'How objects are sent to the apiserver.',
  }),
  'container-runtime-endpoint': flag.string({ ignored: true, description: 'The runtime is simulated.' }),
  'cgroup-driver': flag.string({ ignored: true, description: 'There are no cgroups.' }),
  'cluster-dns': flag.list({ ignored: true, description: 'Simulated containers resolve no names.' }),
  'cluster-domain': flag.string({ ignored: true, description: 'Simulated containers resolve no names.' }),
  'root-dir': flag.string({ ignored: true, description: 'Nothing is kept on disk.' }),
  nodes: flag.int({ description: 'How many nodes to play; 0 plays one, named by --hostname-override.' }),
  'impersonate-nodes': flag.bool({
    description: 'Write as system:node:<name>, by impersonation: one credential for many nodes.',
  }),
  'node-name-prefix': flag.string({
    default: 'node-',
    description: 'Nodes are named by this and their number, from 1.',
  }),
  capacity: flag.map({
    default: { cpu: '32', memory: '256Gi', 'ephemeral-storage': '1Ti' },
    description: 'What each node has; extended resources too.',
  }),
  devices: flag.map({
    description: 'Simulated devices of each node, by driver, as gpu.example.com=8; published as ResourceSlices.',
  }),
  speed: flag.float({ default: 1, description: 'Simulated delays and back-offs are divided by this.' }),
  stages: flag.list({ description: 'Files with stages of your own, played before the built-in ones.' }),
};
