import type { Pod } from '@pilothouse/api';
import { CLUSTER_DNS, CLUSTER_DOMAIN } from '../runtime/cluster-dns.ts';

/** What simulated nodes resolve names with: pods that do not use the cluster's DNS inherit it. */
const NODE_RESOLV_CONF = 'nameserver 127.0.0.53\n';
/** The `/etc/hosts` of every simulated node. */
export const NODE_HOSTS = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n';

/** The files that a runtime puts into every container. */
export function containerFiles(
  pod: Pod,
  podIPs: readonly string[],
  hostname: string,
): Readonly<Record<string, string>> {
  const sysctls = (pod.spec.securityContext?.sysctls ?? []).map(({ name, value }): [string, string] => [
    `/proc/sys/${name.replaceAll('.', '/')}`,
    `${value}\n`,
  ]);
  return {
    '/etc/hostname': `${hostname}\n`,
    '/etc/hosts': hostsFile(pod, podIPs, hostname),
    '/etc/resolv.conf': resolvConf(pod),
    '/etc/os-release': 'NAME="Pilothouse simulated container"\nID=pilothouse\n',
    ...Object.fromEntries(sysctls),
  };
}

/** https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/ */
function hostsFile({ metadata, spec }: Pod, podIPs: readonly string[], hostname: string): string {
  const { hostAliases = [], hostNetwork, subdomain } = spec;
  const aliases = hostAliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`);
  const added = aliases.length > 0 ? `\n# Entries added by HostAliases.\n${aliases.join('')}` : '';
  if (hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${NODE_HOSTS}${added}`;
  const names = subdomain
    ? `${hostname}.${subdomain}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}\t${hostname}`
    : hostname;
  return `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
fe00::\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
${podIPs.map((ip) => `${ip}\t${names}\n`).join('')}${added}`;
}

/** https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy */
function resolvConf({ metadata, spec }: Pod): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork } = spec;
  const usesCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const custom = {
    nameservers: dnsConfig?.nameservers ?? [],
    searches: dnsConfig?.searches ?? [],
    options: dnsConfig?.options ?? [],
  };
  const base = usesCluster
    ? {
        searches: [`${metadata.namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN],
        nameservers: [CLUSTER_DNS],
        options: new Map<string, string | undefined>([['ndots', '5']]),
      }
    : { searches: [], nameservers: [], options: new Map<string, string | undefined>() };
  const searches = [...new Set([...base.searches, ...custom.searches])];
  const nameservers = [...new Set([...base.nameservers, ...custom.nameservers])];
  for (const { name = '', value } of custom.options) base.options.set(name, value);
  const options = [...base.options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`));
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...nameservers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  return dnsPolicy === 'None' || usesCluster ? text : NODE_RESOLV_CONF + text;
}
