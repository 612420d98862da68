/** As much of ASN.1's distinguished encoding (X.690) as it takes to find the parts of a certificate request. */
export interface DerValue {
  readonly tag: number;
  /** The value with its tag and length. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

export const SEQUENCE = 0x30;
export const BIT_STRING = 0x03;
export const OBJECT_IDENTIFIER = 0x06;

/** What encoding/asn1 says of a type about which there is nothing to say. */
const NO_OPTIONS =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}';

/** The values that stand one after another in `bytes`; throws when they do not end where the bytes end. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { tag, header, length } = readHeader(bytes, at);
    const end = at + header + length;
    if (end > bytes.length) throw new Error('asn1: syntax error: data truncated');
    values.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(at + header, end) });
    at = end;
  }
  return values;
}

function readHeader(bytes: Buffer, at: number): { tag: number; header: number; length: number } {
  const tag = bytes[at]!;
  const first = bytes[at + 1];
  if (first === undefined) throw new Error('asn1: syntax error: truncated tag or length');
  if (first < 0x80) return { tag, header: 2, length: first };
  const count = first & 0x7f;
  if (count === 0) throw new Error('asn1: syntax error: indefinite length found (not DER)');
  if (at + 2 + count > bytes.length) throw new Error('asn1: syntax error: truncated tag or length');
  if (count > 4) throw new Error('asn1: structure error: length too large');
  return { tag, header: 2 + count, length: bytes.readUIntBE(at + 2, count) };
}

/** One sequence, called `type` in messages, that fills all of `bytes`; its values. Complains as encoding/asn1 does. */
export function readDerSequence(bytes: Buffer, type: string): DerValue[] {
  if (bytes.length === 0) throw new Error('asn1: syntax error: sequence truncated');
  const { tag, header, length } = readHeader(bytes, 0);
  if (tag !== SEQUENCE) {
    const found = `{class:${tag >> 6} tag:${tag & 0x1f} length:${length} isCompound:${(tag & 0x20) !== 0}}`;
    throw new Error(`asn1: structure error: tags don't match (16 vs ${found}) ${NO_OPTIONS} ${type} @${header}`);
  }
  if (header + length > bytes.length) throw new Error('asn1: syntax error: data truncated');
  if (header + length < bytes.length) throw new Error('asn1: syntax error: trailing data');
  return readDer(bytes.subarray(header));
}
