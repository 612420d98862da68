import type { EndpointAddress, EndpointPort, EndpointSubset } from '@pilothouse/api';

interface Group {
  readonly ports: EndpointPort[];
  readonly ready: Map<string, EndpointAddress>;
  readonly notReady: Map<string, EndpointAddress>;
}

/**
 * The canonical form of an Endpoints object: each address once, with all its ports; addresses with the same ports
 * together; everything sorted. An address that is ready and not ready at once is not ready.
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const portsOf = new Map<string, Map<string, EndpointPort | undefined>>();
  const addresses = new Map<string, { readonly address: EndpointAddress; ready: boolean }>();
  for (const { addresses: ready = [], notReadyAddresses: notReady = [], ports = [] } of subsets) {
    const add = (address: EndpointAddress, isReady: boolean): void => {
      const key = `${address.ip}|${address.targetRef?.uid ?? ''}`;
      const known = addresses.get(key);
      if (known === undefined) addresses.set(key, { address, ready: isReady });
      else known.ready &&= isReady;
      const own = portsOf.get(key) ?? new Map<string, EndpointPort | undefined>();
      for (const port of ports) own.set(portKey(port), port);
      portsOf.set(key, own);
    };
    for (const address of ready) add(address, true);
    for (const address of notReady) add(address, false);
  }
  const groups = new Map<string, Group>();
  for (const [key, { address, ready }] of addresses) {
    const ports = [...(portsOf.get(key)?.values() ?? [])].filter((port) => port !== undefined).sort(byPort);
    const groupKey = ports.map(portKey).join(',');
    const group: Group = groups.get(groupKey) ?? { ports, ready: new Map(), notReady: new Map() };
    (ready ? group.ready : group.notReady).set(key, address);
    groups.set(groupKey, group);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => subsetOf(group));
}

function subsetOf({ ports, ready, notReady }: Group): EndpointSubset {
  return {
    ...(ready.size > 0 ? { addresses: sorted(ready) } : {}),
    ...(notReady.size > 0 ? { notReadyAddresses: sorted(notReady) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

const sorted = (addresses: ReadonlyMap<string, EndpointAddress>): EndpointAddress[] =>
  [...addresses].sort(([a], [b]) => compareText(a, b)).map(([, address]) => address);

const portKey = ({ name = '', port, protocol = '' }: EndpointPort): string => `${name}|${protocol}|${port}`;
const byPort = (a: EndpointPort, b: EndpointPort): number => compareText(portKey(a), portKey(b));
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
