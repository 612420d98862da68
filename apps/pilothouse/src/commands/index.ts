import type { Command } from './command.ts';

/** Every command there is, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'up',
    summary: 'start a cluster in the foreground: etcd, the control plane and simulated nodes',
    run: async (args) => (await import('./up.ts')).up(args),
  },
  {
    name: 'down',
    summary: 'stop the cluster of a data directory',
    run: async (args) => (await import('./down.ts')).down(args),
  },
  {
    name: 'status',
    summary: 'show what runs for a data directory, and how it is',
    run: async (args) => (await import('./status.ts')).status(args),
  },
  {
    name: 'certs',
    summary: 'show when certificates expire; make those of a cluster whose parts run apart',
    run: async (args) => (await import('./certs.ts')).certs(args),
  },
  {
    name: 'etcd',
    summary: 'look after etcd: status, defrag, snapshot save, status, schedule and restore',
    run: async (args) => (await import('./etcd.ts')).etcd(args),
  },
  {
    name: 'envtest',
    summary: "make a folder for KUBEBUILDER_ASSETS, so that controller-runtime's envtest starts this apiserver",
    run: async (args) => (await import('./envtest.ts')).envtest(args),
  },
  {
    name: 'codec',
    summary: 'translate objects between JSON, YAML, Protobuf and what stands in etcd',
    run: async (args) => (await import('../codec/codec-command.ts')).codec(args),
  },
];
