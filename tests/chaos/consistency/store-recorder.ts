import { prefixEnd, type EtcdClient, type EtcdWatch } from '@pilothouse/etcd';
import { StoreHistory, type StoreEvent } from './store-history.ts';

/** Writes down what etcd itself says of the keys below a prefix, from this moment on. */
export class StoreRecorder {
  readonly #events: StoreEvent[] = [];
  readonly #from: number;
  readonly #watch: EtcdWatch;

  private constructor(etcd: EtcdClient, prefix: string, from: number) {
    this.#from = from;
    const options = { key: prefix, rangeEnd: prefixEnd(prefix), startRevision: from + 1, prevKv: true };
    this.#watch = etcd.watch(options, {
      events: (events) => {
        for (const { type, kv, previous } of events) {
          this.#events.push({
            key: kv.key.slice(prefix.length),
            revision: kv.modRevision,
            type,
            previous: previous?.modRevision,
          });
        }
      },
      compacted: (error) => {
        throw new Error('the recording of the store has a gap', { cause: error });
      },
    });
  }

  static async start(etcd: EtcdClient, prefix: string): Promise<StoreRecorder> {
    const { revision } = await etcd.kv.get(prefix);
    return new StoreRecorder(etcd, prefix, revision);
  }

  get lastRevision(): number {
    return this.#events.at(-1)?.revision ?? this.#from;
  }

  history(): StoreHistory {
    return new StoreHistory(this.#events, this.#from);
  }

  close(): void {
    this.#watch.close();
  }
}
