import { isIP } from 'node:net';
import { randomBytes } from 'node:crypto';

export type IpFamily = 'IPv4' | 'IPv6';

const BITS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };

export function familyOf(address: string): IpFamily | undefined {
  const version = isIP(address);
  return version === 4 ? 'IPv4' : version === 6 ? 'IPv6' : undefined;
}

/** The addresses of a CIDR that services may have: not the first, and for IPv4 not the last. */
export class IpRange {
  readonly cidr: string;
  readonly family: IpFamily;
  readonly #base: bigint;
  readonly #size: bigint;

  /** Throws when the text is no CIDR. */
  constructor(cidr: string) {
    const [address = '', length = ''] = cidr.split('/');
    const family = familyOf(address);
    const prefix = Number(length);
    if (family === undefined || length === '' || !(prefix >= 0 && prefix <= BITS[family])) {
      throw new Error(`invalid CIDR address: ${cidr}`);
    }
    const hostBits = BigInt(BITS[family] - prefix);
    this.cidr = cidr;
    this.family = family;
    this.#base = (parseAddress(address) >> hostBits) << hostBits;
    this.#size = 1n << hostBits;
  }

  contains(address: string): boolean {
    if (familyOf(address) !== this.family) return false;
    const value = parseAddress(address);
    return value > this.#base && value < this.#base + this.#size - (this.family === 'IPv4' ? 1n : 0n);
  }

  /** How many addresses there are to give. */
  get capacity(): bigint {
    const reserved = this.family === 'IPv4' ? 2n : 1n;
    return this.#size > reserved ? this.#size - reserved : 0n;
  }

  /** The nth address that may be given, from 0. */
  at(index: bigint): string {
    return formatAddress(this.#base + 1n + index, this.family);
  }

  /**
   * Above the first addresses, which are left to Services that ask for a certain one: a sixteenth, 16 to 256 of them.
   * https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
   */
  randomIndex(): bigint {
    const { capacity } = this;
    const reserved = staticBand(this.#size);
    return reserved + (BigInt(`0x${randomBytes(16).toString('hex')}`) % (capacity - reserved));
  }
}

function staticBand(size: bigint): bigint {
  if (size <= 16n) return 0n;
  const share = size / 16n;
  return share < 16n ? 16n : share > 256n ? 256n : share;
}

function parseAddress(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
  // The URL parser knows every way to write an IPv6 address.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = normal.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n);
}

function formatAddress(value: bigint, family: IpFamily): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const parts = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return new URL(`http://[${parts.join(':')}]`).hostname.slice(1, -1);
}
