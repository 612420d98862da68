import { CLUSTER_DNS } from './cluster-dns.ts';
import type { ClusterDirectory, DnsRecord, NameView, RecordType } from './cluster-network.ts';
import type { FileSystem } from './file-system.ts';

const ADDRESS = /^\d+(\.\d+){3}$/;

/**
 * Names as a container's C library looks them up: in `/etc/hosts`, then with the search domains of `/etc/resolv.conf`
 * at the cluster's DNS, if that is the server which it names.
 */
export class NameLookup implements NameView {
  readonly #files: FileSystem;
  readonly #directory: ClusterDirectory | undefined;

  constructor(files: FileSystem, directory: ClusterDirectory | undefined) {
    this.#files = files;
    this.#directory = directory;
  }

  resolve(name: string): readonly string[] | undefined {
    const host = name.toLowerCase();
    if (ADDRESS.test(host)) return [host];
    const own = this.#hosts(host);
    if (own.length > 0) return own;
    if (host === 'localhost') return ['127.0.0.1'];
    const found = this.records(host, 'A').map(({ data }) => data);
    return found.length > 0 ? found : undefined;
  }

  records(name: string, type: RecordType): readonly DnsRecord[] {
    const host = name.toLowerCase();
    if (!this.#directory || !this.#settings('nameserver').includes(CLUSTER_DNS)) return [];
    const suffixes = host.endsWith('.') ? [''] : ['', ...this.#settings('search').map((domain) => `.${domain}`)];
    for (const suffix of suffixes) {
      const found = this.#directory.records(host.replace(/\.$/, '') + suffix, type);
      if (found.length > 0) return found;
    }
    return [];
  }

  isExternal(host: string): boolean {
    if (this.resolve(host)) return false;
    if (!this.#settings('nameserver').includes(CLUSTER_DNS)) return true;
    return this.#directory?.isExternal(host) ?? true;
  }

  #hosts(host: string): string[] {
    return lines(this.#files.read('/etc/hosts'))
      .filter(([address = '', ...names]) => ADDRESS.test(address) && names.includes(host))
      .map(([address]) => address!);
  }

  #settings(keyword: string): string[] {
    return lines(this.#files.read('/etc/resolv.conf'))
      .filter(([first]) => first === keyword)
      .flatMap(([, ...values]) => values);
  }
}

function lines(text = ''): string[][] {
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
}
