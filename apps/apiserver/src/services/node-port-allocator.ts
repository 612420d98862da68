import { randomInt } from 'node:crypto';
import type { KubeObject } from '@pilothouse/apimachinery';
import type { RangeAllocation } from '@pilothouse/api';
import type { ResourceStore, Storage, StoredObject } from '@pilothouse/storage';
import { createCodec, hasEnvelope } from '@pilothouse/apimachinery';
import { schemaFor } from '@pilothouse/api';
import { AllocationError } from './cluster-ip-allocator.ts';
import { PortBitmap } from './port-bitmap.ts';

export interface PortRange {
  readonly first: number;
  readonly size: number;
}

/** `30000-32767` or `30000+2768`, as `--service-node-port-range` has it. */
export function parsePortRange(text: string): PortRange {
  const match = /^(\d+)([-+])(\d+)$/.exec(text);
  if (match === null) throw new Error(`invalid port range: ${text}`);
  const first = Number(match[1]);
  const size = match[2] === '-' ? Number(match[3]) - first + 1 : Number(match[3]) + 1;
  if (size < 1 || first + size - 1 > 65535) throw new Error(`invalid port range: ${text}`);
  return { first, size };
}

const KEY = { namespace: '', name: 'servicenodeports' };

/** Gives node ports, out of one object in etcd (`/registry/ranges/servicenodeports`) that all apiservers change in turn. */
export class NodePortAllocator {
  readonly range: PortRange;
  readonly #store: ResourceStore;

  constructor(range: PortRange, storage: Storage) {
    this.range = range;
    const codec = createCodec(schemaFor('', 'v1', 'RangeAllocation')!);
    this.#store = storage.resource({
      group: '',
      resource: 'rangeallocations',
      storagePrefix: 'ranges',
      namespaced: false,
      codec: {
        encode: (object) => codec.encodeProtobuf(object),
        decode: (bytes) =>
          hasEnvelope(bytes) ? codec.decodeProtobuf(bytes) : codec.decodeJson(bytes.toString()).object,
      },
    });
  }

  async allocateNext(): Promise<number> {
    let port = 0;
    await this.#change((taken) => {
      const index = taken.nextFree(randomInt(this.range.size), this.range.size);
      if (index === undefined) throw new AllocationError('range is full');
      port = this.range.first + index;
      return taken.with(index);
    });
    return port;
  }

  async allocate(port: number): Promise<void> {
    const { first, size } = this.range;
    const index = port - first;
    if (index < 0 || index >= size) {
      throw new AllocationError(
        `provided port is not in the valid range. The range of valid ports is ${first}-${first + size - 1}`,
      );
    }
    await this.#change((taken) => {
      if (taken.has(index)) throw new AllocationError('provided port is already allocated');
      return taken.with(index);
    });
  }

  async release(port: number): Promise<void> {
    const index = port - this.range.first;
    if (index >= 0 && index < this.range.size) await this.#change((taken) => taken.without(index));
  }

  async #change(change: (taken: PortBitmap) => PortBitmap): Promise<void> {
    const rangeText = `${this.range.first}-${this.range.first + this.range.size - 1}`;
    await this.#store.update(
      KEY,
      (current) => {
        const before = current?.object as RangeAllocation | undefined;
        const data = change(PortBitmap.fromBase64(before?.data ?? '')).toBase64();
        return before?.data === data ? before : rangeAllocation(current, rangeText, data);
      },
      { createIfAbsent: true },
    );
  }
}

function rangeAllocation(current: StoredObject | undefined, range: string, data: string): KubeObject {
  const metadata = current?.object.metadata ?? { name: KEY.name };
  return { kind: 'RangeAllocation', apiVersion: 'v1', metadata, range, data } as KubeObject;
}
