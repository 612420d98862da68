import { ensurePki } from '@pilothouse/pki';
import { DataDir } from '../data-dir/data-dir.ts';
import { readFlags } from '../flags.ts';
import { APISERVER_SERVICE_IP, PKI_COMPONENTS } from '../up/components.ts';
import { UserError } from '../user-error.ts';

/** The names under which pods, and everybody on the same machine, find the apiserver. */
const USUAL_HOSTS = [
  ...['localhost', '127.0.0.1', '::1', APISERVER_SERVICE_IP],
  ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
];

/**
 * Makes the keys, certificates and kubeconfigs of a cluster whose parts run in places of their own: once, and again what
 * is missing or about to expire. Nothing is started.
 */
export async function makeCerts(args: readonly string[]): Promise<number> {
  const { values } = readFlags(args, {
    'data-dir': { type: 'string' },
    server: { type: 'string' },
    'admin-server': { type: 'string' },
    host: { type: 'string', multiple: true, default: [] },
    'etcd-host': { type: 'string', multiple: true, default: [] },
  });
  const { server, host, 'admin-server': adminServer = server, 'etcd-host': etcdHosts } = values;
  if (!server || !adminServer) throw new UserError('--server is needed: where the components find the apiserver');
  const hosts = [...USUAL_HOSTS, ...host, new URL(server).hostname, new URL(adminServer).hostname];
  const dataDir = DataDir.from(values['data-dir']);
  const created: string[] = [];
  for (const [url, components] of [
    [server, PKI_COMPONENTS.filter(({ name }) => name !== 'admin')],
    // People may come another way than components do, such as a published port.
    [adminServer, PKI_COMPONENTS.filter(({ name }) => name === 'admin')],
  ] as const) {
    const pki = await ensurePki(dataDir.path, { hosts: [...new Set(hosts)], etcdHosts, server: url, components });
    created.push(...pki.created);
  }
  process.stdout.write(created.length === 0 ? 'All certificates are good\n' : `Made ${created.join(', ')}\n`);
  return 0;
}
