import { DataDir } from '../data-dir/data-dir.ts';
import { integerFlag, readFlags } from '../flags.ts';
import { UserError } from '../user-error.ts';

export interface UpOptions {
  readonly nodes: number;
  readonly port: number;
  readonly bindAddress: string;
  readonly dataDir: DataDir;
  readonly etcdBinary: string;
  /** Off unless asked for: it would be a fifth of the cluster's memory. */
  readonly metricsServer: boolean;
  /** Further flags, by component. */
  readonly extra: ReadonlyMap<string, readonly string[]>;
  readonly help: boolean;
}

export const UP_HELP = `Starts a cluster and stays in the foreground; Ctrl-C stops it.

Usage: pilothouse up [flags]          (npm start -- [flags])

  --nodes <n>            simulated nodes (default 3)
  --port <port>          the apiserver's port (default 6443)
  --bind-address <ip>    where the apiserver listens (default 127.0.0.1)
  --data-dir <path>      keys, etcd's data, logs, kubeconfig (default .pilothouse in the checkout)
  --etcd <file>          the etcd binary (default $PILOTHOUSE_ETCD, else etcd on the PATH)
  --metrics-server       serve metrics.k8s.io too, for kubectl top and autoscalers
  --extra <c>=<flag>     one more flag for a component, as in --extra kube-apiserver=--v=4; repeatable
  --help                 this text
`;

export function readUpOptions(args: readonly string[]): UpOptions {
  const { values } = readFlags(args, {
    nodes: { type: 'string', default: '3' },
    port: { type: 'string', default: '6443' },
    'bind-address': { type: 'string', default: '127.0.0.1' },
    'data-dir': { type: 'string' },
    etcd: { type: 'string', default: process.env['PILOTHOUSE_ETCD'] ?? 'etcd' },
    'metrics-server': { type: 'boolean', default: false },
    extra: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  });
  const extra = new Map<string, string[]>();
  for (const each of values.extra) {
    const match = /^([a-z-]+)=(-.+)$/.exec(each);
    if (!match) throw new UserError(`--extra must read <component>=<flag>, not ${JSON.stringify(each)}`);
    extra.set(match[1]!, [...(extra.get(match[1]!) ?? []), match[2]!]);
  }
  return {
    nodes: integerFlag('nodes', values.nodes, 0, 10_000),
    port: integerFlag('port', values.port, 1, 65_535),
    bindAddress: values['bind-address'],
    dataDir: DataDir.from(values['data-dir']),
    etcdBinary: values.etcd,
    metricsServer: values['metrics-server'],
    extra,
    help: values.help,
  };
}
