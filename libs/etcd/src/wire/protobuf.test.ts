import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

describe('ProtobufWriter and ProtobufReader', () => {
  it('agree on every field they know', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.string(),
        fc.uint8Array({ maxLength: 600 }),
        (integer, bigint, text, bytes) => {
          const inner = new ProtobufWriter(1).text(3, text);
          const message = new ProtobufWriter(1)
            .integer(1, integer)
            .bigint(2, bigint)
            .message(16, inner)
            .bytes(99, Buffer.from(bytes))
            .finish();
          const reader = new ProtobufReader(message);
          expect([reader.next(), reader.field, reader.integer()]).toEqual([true, 1, integer]);
          expect([reader.next(), reader.field, reader.bigint()]).toEqual([true, 2, bigint]);
          expect([reader.next(), reader.field]).toEqual([true, 16]);
          const nested = reader.message();
          expect([nested.next(), nested.text(), nested.next()]).toEqual([true, text, false]);
          expect([reader.next(), reader.field, reader.bytes()]).toEqual([true, 99, Buffer.from(bytes)]);
          expect(reader.next()).toBe(false);
        },
      ),
    );
  });

  it('writes varints as Protobuf defines them', () => {
    expect(new ProtobufWriter().integer(1, 300).finish()).toEqual(Buffer.from([0x08, 0xac, 0x02]));
    expect(new ProtobufWriter().bigint(1, -1n).finish()).toHaveLength(11);
  });

  it('skips fields of every wire type', () => {
    const reader = new ProtobufReader(
      Buffer.from([0x08, 0xac, 0x02, 0x11, ...Buffer.alloc(8), 0x1a, 1, 7, 0x25, 0, 0, 0, 0, 0x28, 5]),
    );
    for (let field = 1; field <= 4; field++) {
      expect([reader.next(), reader.field]).toEqual([true, field]);
      reader.skip();
    }
    expect([reader.next(), reader.integer()]).toEqual([true, 5]);
  });

  it('refuses a message that is cut off', () => {
    const whole = new ProtobufWriter().text(1, 'abcdef').finish();
    const reader = new ProtobufReader(whole.subarray(0, 5));
    reader.next();
    expect(() => reader.bytes()).toThrow('truncated');
  });
});
