import type { Pod } from '@pilothouse/api';

/** A port that a pod wants on the node's own address. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const ANY_ADDRESS = '0.0.0.0';

export function hostPortsOf(pod: Pod): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const sidecars = pod.spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? [];
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (!port.hostPort) continue;
      ports ??= [];
      ports.push({ ip: port.hostIP || ANY_ADDRESS, protocol: port.protocol || 'TCP', port: port.hostPort });
    }
  }
  return ports ?? NO_PORTS;
}

const NO_PORTS: readonly HostPort[] = [];

/** The host ports taken on one node. Two conflict on the same protocol and number if either listens on any address. */
export class UsedPorts {
  /** Addresses by `<protocol>/<port>`. */
  readonly #addresses = new Map<string, Set<string>>();

  add(port: HostPort): void {
    const key = `${port.protocol}/${port.port}`;
    const addresses = this.#addresses.get(key);
    if (addresses) addresses.add(port.ip);
    else this.#addresses.set(key, new Set([port.ip]));
  }

  remove(port: HostPort): void {
    const key = `${port.protocol}/${port.port}`;
    const addresses = this.#addresses.get(key);
    addresses?.delete(port.ip);
    if (addresses?.size === 0) this.#addresses.delete(key);
  }

  conflictsWith(port: HostPort): boolean {
    const addresses = this.#addresses.get(`${port.protocol}/${port.port}`);
    if (!addresses) return false;
    return port.ip === ANY_ADDRESS || addresses.has(ANY_ADDRESS) || addresses.has(port.ip);
  }

  clone(): UsedPorts {
    const copy = new UsedPorts();
    for (const [key, addresses] of this.#addresses) copy.#addresses.set(key, new Set(addresses));
    return copy;
  }
}
