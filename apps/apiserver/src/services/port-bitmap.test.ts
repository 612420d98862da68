import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PortBitmap } from './port-bitmap.ts';

const SIZE = 64;
const ports = fc.array(fc.integer({ min: 0, max: SIZE - 1 }));

it('survives being stored', () => {
  fc.assert(
    fc.property(ports, (taken) => {
      const bitmap = taken.reduce((bits, port) => bits.with(port), PortBitmap.fromBase64(''));
      const read = PortBitmap.fromBase64(bitmap.toBase64());
      for (let port = 0; port < SIZE; port++) expect(read.has(port)).toBe(taken.includes(port));
    }),
  );
});

it('finds a free port from anywhere, as long as there is one', () => {
  fc.assert(
    fc.property(ports, fc.integer({ min: 0, max: SIZE - 1 }), (taken, start) => {
      const bitmap = taken.reduce((bits, port) => bits.with(port), PortBitmap.fromBase64(''));
      const free = bitmap.nextFree(start, SIZE);
      if (new Set(taken).size === SIZE) expect(free).toBeUndefined();
      else expect(bitmap.has(free!)).toBe(false);
    }),
  );
});

it('is stored as the bytes of a big integer, as upstream does', () => {
  expect(Buffer.from(PortBitmap.fromBase64('').with(0).with(9).toBase64(), 'base64')).toEqual(
    Buffer.from([0x02, 0x01]),
  );
  expect(PortBitmap.fromBase64('').with(3).without(3).toBase64()).toBe('');
});
