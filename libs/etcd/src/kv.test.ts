import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EtcdAmbiguousWrite, EtcdNoSpace, EtcdUnavailable } from './errors.ts';
import type { GrpcEndpoints } from './grpc-endpoints.ts';
import { EtcdKv, prefixEnd } from './kv.ts';
import { ProtobufReader } from './wire/protobuf-reader.ts';
import { ProtobufWriter } from './wire/protobuf-writer.ts';

const LOST = new EtcdUnavailable('connection lost', true);
const VALUE = Buffer.from('mine');

/** Plays the answers in turn: an error is thrown, a message is the answer. */
function etcdAnswering(...answers: (Error | Buffer)[]): EtcdKv {
  const unary = async (_path: string, _message: Buffer, decode: (answer: ProtobufReader) => unknown) => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return decode(new ProtobufReader(answer));
  };
  return new EtcdKv({ unary } as unknown as GrpcEndpoints, 10_000);
}

function txn(revision: number, current?: { value: Buffer; modRevision: number }, succeeded = false): Buffer {
  const range = new ProtobufWriter();
  if (current)
    range.message(2, new ProtobufWriter().text(1, '/key').integer(3, current.modRevision).bytes(5, current.value));
  return new ProtobufWriter()
    .message(1, new ProtobufWriter().integer(3, revision))
    .boolean(2, succeeded)
    .message(3, new ProtobufWriter().message(1, range))
    .finish();
}

describe('a put whose answer is lost', () => {
  const put = { key: '/key', value: VALUE, expectedModRevision: 4 };

  it('succeeded when our value stands there at a later revision', async () => {
    const kv = etcdAnswering(LOST, txn(9, { value: VALUE, modRevision: 5 }));
    expect(await kv.put(put)).toMatchObject({ succeeded: true, revision: 5 });
  });

  it('is ambiguous when something else stands there', async () => {
    const kv = etcdAnswering(LOST, txn(9, { value: Buffer.from('theirs'), modRevision: 6 }));
    await expect(kv.put(put)).rejects.toThrow(EtcdAmbiguousWrite);
  });

  it('is ambiguous when what stands there is gone', async () => {
    await expect(etcdAnswering(LOST, txn(9)).put(put)).rejects.toThrow(EtcdAmbiguousWrite);
  });

  it('is simply done again when it had not arrived', async () => {
    const kv = etcdAnswering(LOST, txn(7, undefined, true));
    expect(await kv.put(put)).toMatchObject({ succeeded: true, revision: 7 });
  });

  it('is ambiguous when the repetition is refused for another reason', async () => {
    await expect(etcdAnswering(LOST, new EtcdNoSpace()).put(put)).rejects.toThrow(EtcdAmbiguousWrite);
  });
});

it('reports a conflict as a conflict when nothing was lost, even with the same value', async () => {
  const kv = etcdAnswering(txn(9, { value: VALUE, modRevision: 5 }));
  expect(await kv.put({ key: '/key', value: VALUE, expectedModRevision: 4 })).toMatchObject({ succeeded: false });
});

it('reports a conflict as a conflict when the first attempt was never sent', async () => {
  const kv = etcdAnswering(new EtcdUnavailable('refused', false), txn(9, { value: VALUE, modRevision: 5 }));
  expect(await kv.put({ key: '/key', value: VALUE, expectedModRevision: 4 })).toMatchObject({ succeeded: false });
});

it('takes a key that is gone after a lost delete for deleted', async () => {
  expect(await etcdAnswering(LOST, txn(9)).delete({ key: '/key', expectedModRevision: 4 })).toMatchObject({
    succeeded: true,
    revision: 9,
  });
});

describe('prefixEnd', () => {
  it('bounds exactly the keys with the prefix', () => {
    const ascii = fc.string({ unit: fc.integer({ min: 1, max: 127 }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(
        ascii.filter((text) => prefixEnd(text) !== '\0'),
        ascii,
        (prefix, key) => {
          expect(key >= prefix && key < prefixEnd(prefix)).toBe(key.startsWith(prefix));
        },
      ),
    );
  });

  it('means everything when nothing can follow', () => {
    expect(prefixEnd('')).toBe('\0');
  });
});
