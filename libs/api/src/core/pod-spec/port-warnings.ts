import type { FieldPath } from '@pilothouse/apimachinery';
import type { ContainerPort, PodSpec } from '@pilothouse/api';
import { visitContainers } from './visit-containers.ts';

/** Ports of one pod that are declared twice, or that overlap on the host. */
export function portWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const known = new Map<string, { readonly at: FieldPath; readonly port: ContainerPort }[]>();
  visitContainers(spec, path, (container, containerPath) => {
    container.ports?.forEach((port, index) => {
      const at = containerPath.child('ports').index(index);
      if (port.hostIP && !port.hostPort) warnings.push(`${at}: hostIP set without hostPort: ${JSON.stringify(port)}`);
      const key = `${port.containerPort}/${port.protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const relation = compare(port, other.port);
        if (relation) warnings.push(`${at}: ${relation} port definition with ${other.at}`);
      }
      known.set(key, [...others, { at, port }]);
    });
  });
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
