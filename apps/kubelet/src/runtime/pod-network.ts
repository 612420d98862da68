/** Hands out the addresses of one node's pod range, the lowest free one after the last given, as host-local IPAM does. */
class AddressRange {
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Map<number, string>();
  #cursor: number;

  constructor(cidr: string) {
    const [address = '', bits = '32'] = cidr.split('/');
    const size = 2 ** (32 - Number(bits));
    const base = Math.floor(toNumber(address) / size) * size;
    // Network, gateway and broadcast addresses are not for pods.
    this.#first = base + 2;
    this.#last = base + size - 2;
    this.#cursor = this.#first;
  }

  allocate(owner: string): string | undefined {
    for (let tries = this.#first; tries <= this.#last; tries++) {
      const candidate = this.#cursor;
      this.#cursor = candidate >= this.#last ? this.#first : candidate + 1;
      if (this.#taken.has(candidate)) continue;
      this.#taken.set(candidate, owner);
      return toAddress(candidate);
    }
    return undefined;
  }

  reserve(address: string, owner: string): void {
    const number = toNumber(address);
    if (number >= this.#first && number <= this.#last) this.#taken.set(number, owner);
  }

  release(owner: string): void {
    for (const [address, holder] of this.#taken) if (holder === owner) this.#taken.delete(address);
  }
}

/** The addresses of pods, for all simulated nodes. */
export class PodNetwork {
  readonly #ranges = new Map<string, readonly AddressRange[]>();
  readonly #cidrs = new Map<string, string>();
  readonly #nodeOf = new Map<string, string>();

  /** Called when a node has its `spec.podCIDR`; pods keep addresses of an earlier range until they end. */
  setRange(nodeName: string, cidr: string): void {
    if (this.#cidrs.get(nodeName) === cidr || !/^\d+(\.\d+){3}\/\d+$/.test(cidr)) return;
    this.#cidrs.set(nodeName, cidr);
    this.#ranges.set(nodeName, [new AddressRange(cidr), new AddressRange(overflowCidr(cidr))]);
  }

  allocate(nodeName: string, podUid: string): string | undefined {
    this.#nodeOf.set(podUid, nodeName);
    for (const range of this.#ranges.get(nodeName) ?? []) {
      const address = range.allocate(podUid);
      if (address !== undefined) return address;
    }
    return undefined;
  }

  reserve(nodeName: string, podUid: string, address: string): void {
    this.#nodeOf.set(podUid, nodeName);
    this.#ranges.get(nodeName)?.forEach((range) => range.reserve(address, podUid));
  }

  release(podUid: string): void {
    const nodeName = this.#nodeOf.get(podUid);
    if (nodeName !== undefined) this.#ranges.get(nodeName)?.forEach((range) => range.release(podUid));
    this.#nodeOf.delete(podUid);
  }
}

/**
 * The range of the n-th node of a process whose nodes are given none: as many addresses as it may have pods, one after
 * the other from 10.244.0.0 on; 10.244.n.0/24 with upstream's 110 pods a node.
 */
export function defaultPodCidr(nodeIndex: number, maxPods = 110): string {
  const hostBits = Math.max(8, Math.ceil(Math.log2(maxPods + 2)));
  return `${toAddress(toNumber('10.244.0.0') + nodeIndex * 2 ** hostBits)}/${32 - hostBits}`;
}

/**
 * A node's range is made for 110 pods and a simulated node may hold more (`--max-pods`). Those get an address of
 * 100.64.0.0/10, which is nobody's (RFC 6598), from the 1,024 that belong to this one of 4,096 adjacent pod ranges: so
 * that several kubelet processes never give the same one away.
 */
function overflowCidr(cidr: string): string {
  const index = Math.floor(toNumber(cidr.split('/')[0]!) / 256) % 4096;
  return `${toAddress(toNumber('100.64.0.0') + index * 1024)}/22`;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
