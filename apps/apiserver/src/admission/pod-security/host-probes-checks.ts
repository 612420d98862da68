import type { LifecycleHandler, Probe } from '@pilothouse/api';
import { plural, quoted, unique, type PodSecurityCheck } from './check.ts';
import { containersOf, type Container } from './pod-parts.ts';

/** Who may name a host in a probe has the kubelet speak to whatever the node reaches. */
export const hostProbesChecks: readonly PodSecurityCheck[] = [
  {
    id: 'hostProbesAndHostLifecycle',
    since: 34,
    check(spec) {
      const bad = containersOf(spec).filter((each) => hostsOf(each).length > 0);
      if (bad.length === 0) return undefined;
      const names = unique(bad.map(({ name }) => name));
      const hosts = unique(bad.flatMap(hostsOf));
      const who = `${plural('container', 'containers', names.length)} ${quoted(names)} ${plural('uses', 'use', names.length)}`;
      const what = `${plural('probe or lifecycle host', 'probe or lifecycle hosts', hosts.length)} ${quoted(hosts)}`;
      return { reason: 'probe or lifecycle host', detail: `${who} ${what}` };
    },
  },
];

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] {
  const asked = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return asked.flatMap((each) => hostsIn(each));
}

function hostsIn(asked: Pick<Probe | LifecycleHandler, 'httpGet' | 'tcpSocket'> | undefined): string[] {
  return [asked?.httpGet?.host, asked?.tcpSocket?.host].filter((host) => host !== undefined && host !== '') as string[];
}
