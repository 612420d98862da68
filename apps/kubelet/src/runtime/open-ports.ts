import type { Pod } from '@pilothouse/api';

/** A port is open when a container declares it, or when none declares any: declaring is documentation, not a rule. */
export function isOpenPort(pod: Pod, port: number): boolean {
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
  return declared.length === 0 || declared.includes(port);
}

/** What a program outside the simulation answers at its ports. */
export function greeting({ metadata, spec }: Pod, port: number): string {
  return `pod ${metadata.namespace}/${metadata.name} on ${spec.nodeName}, port ${port}\n`;
}
