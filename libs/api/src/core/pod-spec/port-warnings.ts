import type { FieldPath } from '@pilothouse/apimachinery';
import type { ContainerPort, PodSpec } from '@pilothouse/api';
import { visitContainers } from './visit-containers.ts';

/** Ports of one pod that are declared twice, or that overlap on the host. */
export function portWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const known = new Map<string, { readonly at: FieldPath; readonly port: ContainerPort }[]>();
  visitContainers(spec, path, (container, containerPath) => {
    container.ports?.forEach((port, index) => {
      const at = containerPath.child('ports').index(index);
      if (port.hostIP && !port.hostPort) warnings.push(`${at}: hostIP set without hostPort: ${shown(port)}`);
      const key = `${port.containerPort}/${port.protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const relation = compare(port, other.port);
        if (relation) warnings.push(`${at}: ${relation} port definition with ${other.at}`);
      }
      known.set(key, [...others, { at, port }]);
    });
  });
  portNameWarnings(spec, path, warnings);
}

/** Who selects a port by its name gets the first. */
function portNameWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const first = new Map<string, FieldPath>();
  visitContainers(spec, path, (container, containerPath) => {
    container.ports?.forEach(({ name }, index) => {
      if (!name) return;
      const at = containerPath.child('ports').index(index);
      const other = first.get(name);
      if (!other) first.set(name, at);
      else {
        const detail = `services and probes that select ports by name will use ${other}`;
        warnings.push(`${at}: duplicate port name ${JSON.stringify(name)} with ${other}, ${detail}`);
      }
    });
  });
}

/** As Go prints the struct. */
function shown({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}

function compare(one: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [one.hostIP ?? '', other.hostIP ?? ''];
  const [hostPort, otherPort] = [one.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  // With one address open to all, which of the two answers is undefined.
  if (hostPort === otherPort && (ip === '') !== (otherIp === '')) return 'dangerously ambiguous';
  return undefined;
}
