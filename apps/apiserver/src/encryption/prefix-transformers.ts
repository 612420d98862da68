import type { PlainValue, ValueTransformer } from '@pilothouse/storage';

/** A transformer whose values begin with a prefix of their own; the empty one is that of values as they are. */
export interface Prefixed {
  readonly prefix: string;
  readonly transformer: ValueTransformer;
}

/**
 * Writes with the first, reads with whichever fits: so a key can be replaced while values under the old one are still
 * there. They are stale, and written anew with the next update. `mismatch` is said when none fits.
 */
export function prefixTransformers(list: readonly Prefixed[], mismatch: string): ValueTransformer {
  const known = list.map(({ prefix, transformer }) => ({ prefix: Buffer.from(prefix), transformer }));
  const first = known[0]!;

  /** Two keys may have one name, so a failure is not the end of it. */
  function read(
    value: Buffer,
    key: string,
    from: number,
    failures: readonly string[],
  ): ReturnType<ValueTransformer['fromStorage']> {
    for (let i = from; i < known.length; i++) {
      const { prefix, transformer } = known[i]!;
      if (!value.subarray(0, prefix.length).equals(prefix)) continue;
      const found = (plain: PlainValue): PlainValue => (i === 0 ? plain : { ...plain, stale: true });
      // That a value is encrypted is no failure: what encrypted it may come later in the list.
      const failed = (error: unknown) => (prefix.length === 0 ? failures : [...failures, (error as Error).message]);
      try {
        const plain = transformer.fromStorage(value.subarray(prefix.length), key);
        if (!(plain instanceof Promise)) return found(plain);
        return plain.then(
          (each) => found(each),
          (error: unknown) => read(value, key, i + 1, failed(error)),
        );
      } catch (error) {
        return read(value, key, i + 1, failed(error));
      }
    }
    throw new Error(failures.length > 1 ? `[${failures.join(', ')}]` : (failures[0] ?? mismatch));
  }

  return {
    toStorage(value, key) {
      const stored = first.transformer.toStorage(value, key);
      const prefixed = (each: Buffer) => (first.prefix.length === 0 ? each : Buffer.concat([first.prefix, each]));
      return stored instanceof Promise ? stored.then(prefixed) : prefixed(stored);
    },
    fromStorage: (value, key) => read(value, key, 0, []),
  };
}
