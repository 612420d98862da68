/** The ranges of addresses that nodes get for their pods: equal parts of the cluster's IPv4 range, in order. */
export class CidrPool {
  private readonly base: number;
  private readonly maskSize: number;
  private readonly count: number;

  /** Throws on what is no IPv4 range, or one that is smaller than a part of it. */
  constructor(clusterCidr: string, nodeMaskSize: number) {
    const [, address = '', size = ''] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(clusterCidr) ?? [];
    const octets = address.split('.').map(Number);
    const prefix = Number(size);
    if (octets.length !== 4 || octets.some((each) => each > 255) || prefix > 32)
      throw new Error(`invalid IPv4 --cluster-cidr ${JSON.stringify(clusterCidr)}`);
    if (nodeMaskSize < prefix || nodeMaskSize > 32)
      throw new Error(`--node-cidr-mask-size ${nodeMaskSize} does not fit into ${clusterCidr}`);
    const block = 2 ** (32 - prefix);
    const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    this.base = Math.floor(number / block) * block;
    this.maskSize = nodeMaskSize;
    this.count = 2 ** (nodeMaskSize - prefix);
  }

  /** The first range that is not in `used`; undefined when all are. */
  next(used: ReadonlySet<string>): string | undefined {
    for (let at = 0; at < this.count; at++) {
      const cidr = this.cidrAt(at);
      if (!used.has(cidr)) return cidr;
    }
    return undefined;
  }

  private cidrAt(at: number): string {
    const number = this.base + at * 2 ** (32 - this.maskSize);
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
    return `${octets.join('.')}/${this.maskSize}`;
  }
}
