/** Words that Go writes in capitals at the start of a name; inside of names the API writes them so already. */
const INITIALISMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'api aws csi cidr dns fc fs gce gmsa grpc http id ip iscsi nfs os pid pkix rbd se tcp tls tty uid url'
      .split(' ')
      .map((word) => [word, word.toUpperCase()]),
  ),
  cephfs: 'CephFS',
  cidrs: 'CIDRs',
  storageos: 'StorageOS',
};

/** The name of a field in Go: `dnsPolicy` → `DNSPolicy`, `hostIP` → `HostIP`. */
export function goName(field: string): string {
  const first = /^[a-z]*/.exec(field)![0];
  return `${INITIALISMS[first] ?? first.charAt(0).toUpperCase() + first.slice(1)}${field.slice(first.length)}`;
}
