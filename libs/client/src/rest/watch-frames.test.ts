import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject, WatchEvent } from '@pilothouse/apimachinery';
import { encodeObject } from './content.ts';
import { JsonWatchFrames, ProtobufWatchFrames, type WatchFrames } from './watch-frames.ts';

const pod = (name: string): KubeObject => ({ kind: 'Pod', apiVersion: 'v1', metadata: { name, namespace: 'default' } });

const jsonFrame = ({ type, object }: WatchEvent): Buffer => Buffer.from(`${JSON.stringify({ type, object })}\n`);

const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function protobufFrame({ type, object }: WatchEvent): Buffer {
  const message = Buffer.concat([
    field(1, Buffer.from(type)),
    field(2, field(1, encodeObject(object, 'protobuf').body)),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

describe.each<[string, (event: WatchEvent) => Buffer, () => WatchFrames]>([
  ['JSON', jsonFrame, () => new JsonWatchFrames()],
  ['Protobuf', protobufFrame, () => new ProtobufWatchFrames()],
])('%s watch frames', (_name, frame, makeFrames) => {
  it('yield the same events however the bytes are cut', () => {
    const events = fc.array(
      fc.record({ type: fc.constantFrom<WatchEvent['type']>('ADDED', 'MODIFIED', 'DELETED'), name: fc.string() }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(events, fc.array(fc.nat(40), { minLength: 1 }), (given, cuts) => {
        const bytes = Buffer.concat(given.map(({ type, name }) => frame({ type, object: pod(name) })));
        const frames = makeFrames();
        const seen: WatchEvent[] = [];
        for (let start = 0, i = 0; start < bytes.length; i++) {
          const end = start + 1 + cuts[i % cuts.length]!;
          seen.push(...frames.push(bytes.subarray(start, end)));
          start = end;
        }
        expect(seen.map(({ type, object }) => ({ type, name: object.metadata?.name ?? '' }))).toEqual(given);
      }),
    );
  });

  it('refuse bytes that are no watch stream', () => {
    expect(() => makeFrames().push(Buffer.from('\u0000\u0000\u0000\u0004oops\nmore\n'))).toThrow();
  });
});

describe('the object of an event', () => {
  it('is in normal form when its kind is built in', () => {
    const [event] = new JsonWatchFrames().push(
      jsonFrame({ type: 'ADDED', object: { ...pod('a'), junk: 1 } as KubeObject }),
    );
    expect(event!.object).not.toHaveProperty('junk');
  });

  it('is left alone when it is a custom resource', () => {
    const widget = { kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'w' }, spec: { size: 3 } };
    const [event] = new JsonWatchFrames().push(jsonFrame({ type: 'ADDED', object: widget }));
    expect(event!.object).toEqual(widget);
  });
});

describe('an object that cannot be decoded', () => {
  const foreign = protobufFrame({ type: 'ADDED', object: pod('a') });
  foreign.write('x1', foreign.indexOf('v1'));
  const good = protobufFrame({ type: 'ADDED', object: pod('b') });

  it('ends the watch of who does not say otherwise', () => {
    expect(() => new ProtobufWatchFrames().push(foreign)).toThrow('unable to decode an object: no schema for x1 Pod');
  });

  it('is left out for who wants to know of it, and the events after it arrive', () => {
    const told: string[] = [];
    const frames = new ProtobufWatchFrames((error) => told.push(error.message));
    const events = frames.push(Buffer.concat([foreign, good]));
    expect(events.map(({ object }) => object.metadata?.name)).toEqual(['b']);
    expect(told).toEqual(['unable to decode an object: no schema for x1 Pod']);
  });
});
