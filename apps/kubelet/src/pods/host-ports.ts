import type { Pod } from '@pilothouse/api';

const ANY_ADDRESS = new Set(['', '0.0.0.0', '::']);

/** Whether two pods want the same port of their node: same number and protocol, on addresses that overlap. */
export function hostPortsConflict(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return false;
  return others
    .flatMap(hostPortsOf)
    .some((taken) =>
      wanted.some(
        ({ port, protocol, address }) =>
          port === taken.port &&
          protocol === taken.protocol &&
          (address === taken.address || ANY_ADDRESS.has(address) || ANY_ADDRESS.has(taken.address)),
      ),
    );
}

function hostPortsOf({ spec }: Pod) {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP', hostIP = '' }) =>
      hostPort ? [{ port: hostPort, protocol, address: hostIP }] : [],
    ),
  );
}
