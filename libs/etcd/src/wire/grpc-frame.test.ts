import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameSplitter, frameMessage } from './grpc-frame.ts';

it('finds the same messages however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.infiniteStream(fc.integer({ min: 1, max: 17 })),
      (contents, sizes) => {
        const stream = Buffer.concat(contents.map((content) => frameMessage(Buffer.from(content))));
        const splitter = new FrameSplitter();
        const found: Buffer[] = [];
        for (let at = 0; at < stream.length;) {
          const size = sizes.next().value!;
          found.push(...splitter.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(found).toEqual(contents.map((content) => Buffer.from(content)));
      },
    ),
  );
});

it('refuses compression, which was not negotiated', () => {
  expect(() => new FrameSplitter().push(Buffer.from([1, 0, 0, 0, 0]))).toThrow('compressed');
});
