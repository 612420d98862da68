import type { PodSecurityCheck } from './check.ts';

/** Kernel parameters that concern nobody but the pod, by the minor version that knew of it. */
const SAFE: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

export const sysctlChecks: readonly PodSecurityCheck[] = SAFE.map(([since], i) => {
  const safe = new Set(SAFE.slice(0, i + 1).flatMap(([, names]) => names));
  return {
    id: 'sysctls',
    since,
    check({ securityContext }) {
      const bad = (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
      return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
    },
  };
});
